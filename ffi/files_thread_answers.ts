/**
 * The part of the files thread that takes requests and answers them.
 *
 * @module
 */

/** Which request is answered how. */
export const ANSWER_PART: string = `
const each = (items, action) =>
  items.map((item) => {
    try {
      return action(...item);
    } catch (error) {
      return told(error);
    }
  });
const answers = {
  list: (request) => ({ listed: list(request) }),
  folder: fillFolder,
  files: ({ files, how }) => ({ outcomes: each(files, (source, target) => copyFile(bytesOf(source), bytesOf(target), how)) }),
  links: ({ links, how }) => ({
    outcomes: each(links, (source, target, replaces) => copyLink(bytesOf(source), bytesOf(target), replaces, how)),
  }),
  digests: ({ files, algorithm, halt }) => ({
    outcomes: each(files.map((file) => [file]), (file) => digestOf(bytesOf(file), algorithm, new Int32Array(halt))),
  }),
  close({ cursor }) {
    cursors.get(cursor)?.close();
    cursors.delete(cursor);
    return {};
  },
};
onMessage((request) => {
  if (functions === undefined) return start(request);
  let answer;
  try {
    answer = answers[request.kind](request);
  } catch (error) {
    answer = { error: told(error) };
  }
  post({ id: request.id, ...answer });
});
`;
