/** A worker for tests that need nothing but Node. */
import { serveTestFiles } from '../../test/support/testWorker';

serveTestFiles({ isFresh: true });
