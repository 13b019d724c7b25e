import { createWorker } from 'exchequer/worker'

export { ExchequerStore } from 'exchequer/worker'
export default createWorker()
