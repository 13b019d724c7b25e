export const measure = () => { throw new Error('todo') }
