/** What the titles of views offer. */
import type { TitleMenus } from './model';

export const TITLE_MENUS: TitleMenus = {
  needsYou: [
    { command: 'intercore.settings.open', at: ['6_window@1'] },
    { command: 'intercore.log.show', at: ['6_window@2'] },
  ],
  runs: [
    { command: 'intercore.run.create', context: ['intercore.databaseWritable'], at: ['navigation@1'] },
    { command: 'intercore.run.next', context: ['intercore.runPresent'], at: ['navigation@2'] },
    // Where their own views are not shown yet.
    {
      command: 'intercore.dispatch.start',
      context: ['intercore.databaseWritable', '!intercore.dispatchPresent'],
      at: ['navigation@3'],
    },
    {
      command: 'intercore.portfolio.create',
      context: ['intercore.portfolioPossible', '!intercore.portfolioPresent'],
      at: ['4_portfolio@1'],
    },
    { command: 'intercore.database.reload', context: ['intercore.databasePresent'], at: ['5_database@1'] },
    { command: 'intercore.gate.rules', at: ['5_database@2'] },
    { command: 'intercore.settings.open', at: ['6_window@1'] },
    { command: 'intercore.log.show', at: ['6_window@2'] },
    { command: 'intercore.doctor.run', at: ['6_window@3'] },
    { command: 'intercore.database.remove', context: ['intercore.databasePresent'], at: ['9_danger@1'] },
  ],
  dispatches: [
    { command: 'intercore.dispatch.start', context: ['intercore.databaseWritable'], at: ['navigation@1'] },
    { command: 'intercore.session.pauseAll', context: ['intercore.dispatchLive'], at: ['2_agents@1'] },
    { command: 'intercore.session.resumeAll', context: ['intercore.dispatchLive'], at: ['2_agents@2'] },
    { command: 'intercore.settings.open', at: ['6_window@1'] },
    { command: 'intercore.log.show', at: ['6_window@2'] },
  ],
  portfolio: [
    { command: 'intercore.portfolio.create', context: ['intercore.portfolioPossible'], at: ['navigation@1'] },
    { command: 'intercore.portfolio.showGraph', context: ['intercore.portfolioPresent'], at: ['navigation@2'] },
    {
      command: 'intercore.portfolio.relayNow',
      context: ['intercore.portfolioWritable', 'intercore.portfolioActive'],
      at: ['navigation@3'],
    },
    { command: 'intercore.settings.open', at: ['6_window@1'] },
    { command: 'intercore.log.show', at: ['6_window@2'] },
  ],
  tasks: [
    {
      command: 'intercore.task.create',
      context: ['intercore.databaseWritable', 'intercore.projectPresent'],
      at: ['navigation@1'],
    },
    { command: 'intercore.board.open', context: ['intercore.projectPresent'], at: ['navigation@2'] },
    { command: 'intercore.project.useFolder', at: ['5_database@1'] },
    { command: 'intercore.project.addFromGitHub', at: ['5_database@2'] },
    { command: 'intercore.project.takeOver', context: ['intercore.ledElsewhere'], at: ['4_lead@1'] },
    { command: 'intercore.project.handOver', context: ['intercore.ledHere'], at: ['4_lead@2'] },
    { command: 'intercore.settings.open', at: ['6_window@1'] },
    { command: 'intercore.log.show', at: ['6_window@2'] },
  ],
};
