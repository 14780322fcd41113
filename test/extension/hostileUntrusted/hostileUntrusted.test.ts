import { testHostileWindow } from '../../security/windowTests';

describe('an untrusted window of hostile folders', testHostileWindow);
