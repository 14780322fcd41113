/** A failure of a folder is shown in the language of the editor, as a whole. */
import assert from 'node:assert/strict';
import { KernelError } from '../../../src/kernel/errors/errors';
import { because, foreignText } from '../../../src/kernel/errors/reasons/problem';
import { explain } from '../../../src/views/projections/folderRow';
import type { Localizer } from '../../../src/views/rows/localizer';
import { marked, unmarked } from '../../support/markedTexts';

const MARKED: Localizer = { t: marked };

describe('the failure of a folder', () => {
  it('has a translated reason', () => {
    const problem = because('{folder} is a symlink', { folder: '/p/.clavain' });
    const error = new KernelError('DATABASE_PATH', { path: '/p/.clavain/intercore.db', problem });
    assert.equal(
      error.message,
      'The path /p/.clavain/intercore.db cannot be used for the database: /p/.clavain is a symlink.',
    );
    assert.equal(unmarked(explain(MARKED, error)), '/p/.clavain/intercore.db /p/.clavain');
  });

  it('shows the text of another program as it is', () => {
    const problem = foreignText(new Error('EROFS').message);
    const error = new KernelError('DATABASE_PATH', { path: '/p/x.db', problem });
    assert.equal(unmarked(explain(MARKED, error)), '/p/x.db EROFS');
  });
});
