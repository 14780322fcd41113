/** The sentences and hints of failures of files, folders, their trust, and settings. */
import type { ErrorCode } from './errorFacts';
import type { Sentence } from './sentence';

export const FOLDER_SENTENCES = {
  FILE_UNREADABLE: {
    text: 'The file {path} cannot be read: {problem}.',
    hint: 'Check that it exists and is a readable file.',
  },
  FILE_UNWRITABLE: {
    text: 'The file {path} could not be written: {problem}.',
    hint: 'Choose another location, or fix its permissions.',
  },
  FOLDER_MISSING: { text: 'The folder {path} does not exist.', hint: 'Check the path. Nothing was changed.' },
  FOLDER_UNUSABLE: {
    text: 'The folder {path} cannot be added to a portfolio: {problem}.',
    hint: 'Choose existing folders on disk, each only once. Nothing was changed.',
  },
  PATH_OUTSIDE: { text: 'The path {path} is outside the folder {folder}.', hint: 'Choose a file inside the project.' },
  RECORDED_ELSEWHERE: {
    text: '{path} is recorded elsewhere and was not opened.',
    hint: 'If it is your repository or worktree, use Trust This Location on its row, or ic project trust, or ic subtask trust.',
  },
  LOCATION_REFUSED: {
    text: 'The location {path} cannot be trusted: {problem}.',
    hint: 'Nothing was changed. If it is yours, open it as a separate folder.',
  },
  UNTRUSTED: {
    text: 'This workspace is not trusted. Intercore can read its data, but does not change or run anything.',
    hint: 'Trust the workspace to continue.',
  },
  NO_FOLDER: { text: 'No folder is open.', hint: 'Open a folder on disk first.' },
  NO_PORTFOLIO_HOME: {
    text: 'No workspace with several folders is open.',
    hint: 'Add a second folder to the workspace, or open a .code-workspace file.',
  },
  NONE_AVAILABLE: { text: '{problem}', hint: 'Nothing was changed.' },
  SETTING_INVALID: {
    text: 'The setting {setting} is invalid: {problem}.',
    hint: 'Its default is used until it is corrected.',
  },
} satisfies { readonly [C in ErrorCode]?: Sentence };
