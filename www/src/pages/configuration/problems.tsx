/** What is wrong with a document. Each problem leads to its place in the text. */
import type { Complaint } from '../../api.ts'
import { t } from '../../texts/index.ts'
import { OfServer, sentence } from '../../ui/words.tsx'

interface ProblemsProps {
  of: Complaint[]
  /** Whether the text has the place. */
  isThere: (problem: Complaint) => boolean
  onShow: (problem: Complaint) => void
}

export function Problems({ of, isThere, onShow }: ProblemsProps) {
  const words = t().configuration
  if (of.length === 0) return null
  return (
    <ul class="problems" aria-label={words.problemList}>
      {of.map((problem) => (
        <li key={`${problem.path} ${problem.text}`}>
          {isThere(problem) ? (
            <button type="button" class="link mono" aria-label={words.showPlace(problem.path)} onClick={() => onShow(problem)}>
              {problem.path}
            </button>
          ) : (
            <span class="mono">{problem.path}</span>
          )}{' '}
          <OfServer text={sentence(problem.text)} />
        </li>
      ))}
    </ul>
  )
}
