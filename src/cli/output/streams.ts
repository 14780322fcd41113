/**
 * stdout and stderr of the process. A reader that goes away early (`| head`) is no error
 * (`docs/design/commandLine.md#text-and-json`).
 */
import { systemCode } from '../../host/files/fileErrors';
import { OutputFailed, type Streams } from './output';

/** `onReaderGone`: nothing that is written from now on is read. */
export function processStreams(onReaderGone: () => void): Streams {
  // Of stdout each write reports its own failure; of stderr there is no other place to report it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  let isReaderGone = false;
  return {
    writeOut: (text) =>
      new Promise((resolve, reject) => {
        if (isReaderGone) {
          resolve(false);
          return;
        }
        process.stdout.write(text, (error) => {
          // Absent or null where all went well.
          if (!(error instanceof Error)) {
            resolve(true);
            return;
          }
          if (systemCode(error) !== 'EPIPE') {
            reject(new OutputFailed(error.message));
            return;
          }
          isReaderGone = true;
          onReaderGone();
          resolve(false);
        });
      }),
    writeError: (text) => {
      process.stderr.write(text);
    },
  };
}
