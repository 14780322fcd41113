/**
 * stdout and stderr of the process. A reader that closes early (`| head`) is not an error
 * (`docs/design/commandLine.md#text-and-json`).
 */
import { systemCode } from '../../host/files/fileErrors';
import { OutputFailed, type Streams } from './output';

export interface ProcessStreams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** @param onReaderGone called when no reader is left: later writes have no effect */
export function processStreams(onReaderGone: () => void, { stdout, stderr }: ProcessStreams = process): Streams {
  // Each write to stdout reports its own failure; a failure of stderr cannot be reported anywhere.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  let isReaderGone = false;
  return {
    writeOut: (text) =>
      new Promise((resolve, reject) => {
        if (isReaderGone) {
          resolve(false);
          return;
        }
        stdout.write(text, (error) => {
          // Absent or null after success.
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
      stderr.write(text);
    },
  };
}
