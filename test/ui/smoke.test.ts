import { withWorkbench } from './support/withWorkbench';

describe('the window', () => {
  const workbench = withWorkbench({ opens: 'folder' });

  it('shows the Intercore container in the activity bar and opens it', async () => {
    await workbench().openContainer('Intercore');
    await workbench().screenshot('smoke');
  });
});
