/** stdout and stderr of the process. A reader that goes away early (`| head`) is no error (§16, note 5). */
import type { Streams } from './output';

export function processStreams(): Streams {
  const closed = { out: false };
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closed.out = true;
  });
  return {
    writeOut: (text) =>
      new Promise((resolve) => {
        if (closed.out) resolve();
        else
          process.stdout.write(text, () => {
            resolve();
          });
      }),
    writeError: (text) => {
      process.stderr.write(text);
    },
  };
}
