// The members of a kind that a test file plays: its core, all of them with LIVESTREAM_TEST_ALL=1 (./test --all), or those whose
// name LIVESTREAM_TEST_ONLY matches, a regular expression. The first element of a member is its name.
const { LIVESTREAM_TEST_ALL: all, LIVESTREAM_TEST_ONLY: only } = process.env;

export const chosen = (members, core) => members.filter(([name]) => (only ? name.match(only) : all || core.includes(name)));
