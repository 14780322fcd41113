/** A worker for UI tests, whose files share windows. */
import { serveTestFiles } from '../../support/testWorker';
import { endSharing, startSharing } from './sharedWindow';

startSharing();
serveTestFiles({ isFresh: false, end: endSharing });
