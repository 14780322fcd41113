/** What the menus of rows offer, by kinds of rows: runs. */
import type { RowMenus } from './model';

export const RUN_ROWS: RowMenus = {
  folder: [
    { command: 'intercore.database.initialize', flags: ['missing'], at: ['inline@1', '1_open@1'] },
    { command: 'intercore.run.create', flags: ['ready'], at: ['inline@1', '2_flow@1'] },
    { command: 'intercore.dispatch.start', flags: ['ready'], at: ['3_agent@1'] },
    { command: 'intercore.database.open', flags: ['ready'], at: ['1_open@2'] },
    { command: 'intercore.database.reload', flags: ['ready'], at: ['1_open@3'] },
    { command: 'intercore.database.open', flags: ['readOnly'], at: ['1_open@2'] },
    { command: 'intercore.database.reload', flags: ['readOnly'], at: ['1_open@3'] },
    { command: 'intercore.database.open', flags: ['failed'], at: ['1_open@2'] },
    { command: 'intercore.database.reload', flags: ['failed'], at: ['1_open@3'] },
    { command: 'intercore.database.restoreBackup', flags: ['failed', 'backup'], at: ['9_danger@1'] },
    { command: 'intercore.database.remove', flags: ['ready'], at: ['9_danger@2'] },
    { command: 'intercore.database.remove', flags: ['readOnly'], at: ['9_danger@2'] },
    { command: 'intercore.database.remove', flags: ['failed'], at: ['9_danger@2'] },
  ],
  run: [
    { command: 'intercore.run.advance', flags: ['active', 'writable'], at: ['inline@1', '2_flow@1'] },
    { command: 'intercore.gate.check', flags: ['active'], at: ['inline@2'] },
    { submenu: 'intercore.menu.look', at: ['1_open@1'] },
    { command: 'intercore.gate.override', flags: ['active', 'blocked', 'writable'], at: ['2_flow@2'] },
    { submenu: 'intercore.menu.change', flags: ['writable'], at: ['2_flow@3'] },
    { submenu: 'intercore.menu.add', flags: ['active', 'writable'], at: ['3_agent@1'] },
    { command: 'intercore.run.copyId', at: ['8_copy@1'] },
    { command: 'intercore.run.cancel', flags: ['active', 'writable'], at: ['9_danger@1'] },
  ],
  phase: [
    { command: 'intercore.run.advance', flags: ['current', 'runActive', 'writable'], at: ['inline@1', '2_flow@1'] },
    { command: 'intercore.gate.check', flags: ['current', 'runActive'], at: ['inline@2', '1_open@1'] },
    { command: 'intercore.gate.override', flags: ['current', 'blocked', 'runActive', 'writable'], at: ['2_flow@2'] },
    { command: 'intercore.run.skip', flags: ['upcoming', 'runActive', 'writable'], at: ['2_flow@3'] },
    { command: 'intercore.artifact.add', flags: ['current', 'runActive', 'writable'], at: ['3_agent@1'] },
    { command: 'intercore.run.rollback', flags: ['done', 'writable'], at: ['9_danger@1'] },
  ],
  condition: [{ command: 'intercore.gate.check', at: ['1_open@1'] }],
  artifact: [{ command: 'intercore.artifact.open', at: ['inline@1', '1_open@1'] }],
  agent: [{ command: 'intercore.agent.update', flags: ['writable'], at: ['3_agent@1'] }],
  event: [{ command: 'intercore.gate.showEvidence', flags: ['evidence'], at: ['inline@1', '1_open@1'] }],
};

/** What the menus of rows offer, by kinds of rows: dispatches. */
export const DISPATCH_ROWS: RowMenus = {
  dispatch: [
    { command: 'intercore.dispatch.showLog', flags: ['log'], at: ['inline@1', '1_open@1'] },
    { command: 'intercore.dispatch.openPrompt', flags: ['prompt'], at: ['1_open@2'] },
    { command: 'intercore.session.say', flags: ['session', 'writable'], at: ['inline@2', '2_flow@1'] },
    {
      command: 'intercore.session.pause',
      flags: ['live', 'session', 'writable'],
      without: ['paused'],
      at: ['2_flow@2'],
    },
    { command: 'intercore.session.resume', flags: ['live', 'paused', 'writable'], at: ['2_flow@2'] },
    { command: 'intercore.dispatch.handOver', flags: ['prompt', 'writable'], at: ['3_agent@1'] },
    { command: 'intercore.session.cancel', flags: ['live', 'session', 'writable'], at: ['9_danger@1'] },
    { command: 'intercore.dispatch.showTranscript', flags: ['log'], at: ['1_open@0'] },
    { command: 'intercore.dispatch.exportTranscript', flags: ['log'], at: ['1_open@4'] },
    { command: 'intercore.dispatch.copyId', at: ['8_copy@1'] },
    { command: 'intercore.dispatch.kill', flags: ['live', 'writable'], at: ['9_danger@2'] },
    { command: 'intercore.dispatch.reveal', views: ['portfolio'], at: ['1_open@3'] },
  ],
  waitingText: [
    { command: 'intercore.session.editWaiting', flags: ['writable'], at: ['inline@1', '2_flow@1'] },
    { command: 'intercore.session.removeWaiting', flags: ['writable'], at: ['inline@2', '9_danger@1'] },
  ],
  queued: [
    { command: 'intercore.account.resume', flags: ['accountHeld'], at: ['2_flow@1'] },
    { command: 'intercore.account.pause', flags: ['accountHeld'], at: ['2_flow@2'] },
    { command: 'intercore.dispatch.startNow', flags: ['writable'], at: ['inline@1', '1_open@1'] },
    { command: 'intercore.dispatch.unqueue', flags: ['writable'], at: ['inline@2', '3_agent@1'] },
  ],
};
