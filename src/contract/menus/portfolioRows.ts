/** What the menus of rows offer, by kinds of rows: portfolios. */
import type { RowMenus } from './model';

export const PORTFOLIO_ROWS: RowMenus = {
  portfolio: [
    { command: 'intercore.portfolio.advance', flags: ['active', 'writable'], at: ['inline@1', '2_flow@1'] },
    { command: 'intercore.portfolio.showGraph', at: ['inline@2', '1_open@2'] },
    { command: 'intercore.portfolio.show', at: ['1_open@1'] },
    { command: 'intercore.portfolio.checkGate', flags: ['active'], at: ['1_open@3'] },
    { command: 'intercore.portfolio.overrideGate', flags: ['active', 'blocked', 'writable'], at: ['2_flow@2'] },
    { command: 'intercore.portfolio.setBudget', flags: ['active', 'writable'], at: ['2_flow@3'] },
    { command: 'intercore.portfolio.setLimit', flags: ['active', 'writable'], at: ['2_flow@4'] },
    { command: 'intercore.portfolio.addDependency', flags: ['active', 'writable'], at: ['3_agent@1'] },
    { command: 'intercore.portfolio.addArtifact', flags: ['active', 'writable'], at: ['3_agent@2'] },
    { command: 'intercore.portfolio.relayNow', flags: ['active', 'writable'], at: ['4_relay@1'] },
    { command: 'intercore.portfolio.pauseRelay', flags: ['active'], without: ['paused'], at: ['4_relay@2'] },
    { command: 'intercore.portfolio.resumeRelay', flags: ['active', 'paused'], at: ['4_relay@2'] },
    { command: 'intercore.portfolio.copyId', at: ['8_copy@1'] },
    { command: 'intercore.portfolio.cancel', flags: ['active', 'writable'], at: ['9_danger@1'] },
  ],
  child: [
    { command: 'intercore.run.advance', flags: ['active', 'open', 'own', 'writable'], at: ['inline@1', '2_flow@1'] },
    {
      command: 'intercore.dispatch.start',
      flags: ['active', 'open', 'own', 'writable'],
      at: ['inline@2', '3_agent@1'],
    },
    { command: 'intercore.run.show', flags: ['open', 'own'], at: ['1_open@1'] },
    { command: 'intercore.run.showEvents', flags: ['open', 'own'], at: ['1_open@2'] },
    { command: 'intercore.gate.check', flags: ['active', 'open', 'own'], at: ['1_open@3'] },
    { command: 'intercore.run.reveal', flags: ['open', 'own'], at: ['1_open@4'] },
    { command: 'intercore.gate.override', flags: ['active', 'open', 'own', 'writable'], at: ['2_flow@2'] },
    { command: 'intercore.artifact.add', flags: ['active', 'open', 'own', 'writable'], at: ['3_agent@2'] },
    { command: 'intercore.agent.add', flags: ['active', 'open', 'own', 'writable'], at: ['3_agent@3'] },
    { command: 'intercore.portfolio.addDependency', context: ['intercore.portfolioWritable'], at: ['3_agent@4'] },
    { command: 'intercore.run.copyId', flags: ['open', 'own'], at: ['8_copy@1'] },
    { command: 'intercore.run.cancel', flags: ['active', 'open', 'own', 'writable'], at: ['9_danger@1'] },
  ],
  dependency: [{ command: 'intercore.portfolio.removeDependency', flags: ['writable'], at: ['inline@1', '2_flow@1'] }],
  relay: [
    { command: 'intercore.portfolio.relayNow', flags: ['writable'], at: ['inline@1', '4_relay@1'] },
    { command: 'intercore.portfolio.pauseRelay', without: ['paused'], at: ['inline@2', '4_relay@2'] },
    { command: 'intercore.portfolio.resumeRelay', flags: ['paused'], at: ['inline@2', '4_relay@2'] },
  ],
  portfolioCondition: [
    { command: 'intercore.portfolio.checkGate', at: ['1_open@1'] },
    {
      command: 'intercore.portfolio.overrideGate',
      flags: ['fail'],
      context: ['intercore.portfolioWritable'],
      at: ['2_flow@1'],
    },
  ],
};
