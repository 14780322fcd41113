import { testHostileWindow } from '../../security/windowTests';

describe('a trusted window of hostile folders', testHostileWindow);
