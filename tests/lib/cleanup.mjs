// Runs a test's cleanup functions when it ends, in reverse order, each even if another fails. (node:test stops at the
// first hook that throws, and would leave the processes of the other hooks behind.)
const lists = new WeakMap();

export function cleanup(t, action) {
  if (lists.has(t)) return void lists.get(t).push(action);
  const actions = [action];
  lists.set(t, actions);
  t.after(async () => {
    const errors = [];
    while (actions.length) {
      try {
        await actions.pop()();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length) throw errors[0];
  });
}
