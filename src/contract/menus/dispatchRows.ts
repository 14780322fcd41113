/** What the menus of rows offer, by kinds of rows: dispatches. */
import type { RowMenus } from './model';

export const DISPATCH_ROWS: RowMenus = {
  dispatch: [
    { command: 'intercore.dispatch.showLog', flags: ['log'], at: ['inline@1', '1_open@1'] },
    { command: 'intercore.dispatch.openPrompt', flags: ['prompt'], at: ['1_open@2'] },
    { command: 'intercore.dispatch.copyId', at: ['8_copy@1'] },
    { command: 'intercore.dispatch.kill', flags: ['live', 'writable'], at: ['9_danger@1'] },
    { command: 'intercore.dispatch.reveal', views: ['portfolio'], at: ['1_open@3'] },
  ],
  queued: [
    { command: 'intercore.account.resume', flags: ['accountHeld'], at: ['2_flow@1'] },
    { command: 'intercore.account.pause', flags: ['accountHeld'], at: ['2_flow@2'] },
    { command: 'intercore.dispatch.startNow', flags: ['writable'], at: ['inline@1', '1_open@1'] },
    { command: 'intercore.dispatch.unqueue', flags: ['writable'], at: ['inline@2', '3_agent@1'] },
  ],
};
