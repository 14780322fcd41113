/** The menus within the menus of rows. */
import type { Submenus } from './model';

export const SUBMENUS: Submenus = {
  'intercore.menu.look': {
    label: 'Show',
    kind: 'run',
    items: [
      { command: 'intercore.run.show', at: ['1_open@1'] },
      { command: 'intercore.run.showEvents', at: ['1_open@2'] },
      { command: 'intercore.timeline.show', at: ['1_open@3'] },
      { command: 'intercore.timeline.export', at: ['1_open@4'] },
      { command: 'intercore.gate.check', flags: ['active'], at: ['1_open@5'] },
    ],
  },
  'intercore.menu.change': {
    label: 'Change',
    kind: 'run',
    items: [
      { command: 'intercore.run.skip', flags: ['active'], at: ['2_flow@1'] },
      { command: 'intercore.run.setGoal', flags: ['active'], at: ['2_flow@2'] },
      { command: 'intercore.run.setBudget', flags: ['active'], at: ['2_flow@3'] },
      { command: 'intercore.run.rollback', at: ['9_danger@1'] },
    ],
  },
  'intercore.menu.add': {
    label: 'Add',
    kind: 'run',
    items: [
      { command: 'intercore.dispatch.start', at: ['3_agent@1'] },
      { command: 'intercore.agent.add', at: ['3_agent@2'] },
      { command: 'intercore.artifact.add', at: ['3_agent@3'] },
    ],
  },
  'intercore.menu.plan': {
    label: 'Plan',
    kind: 'subtask',
    items: [
      { command: 'intercore.subtask.edit', flags: ['unstarted'], at: ['1_text@1'] },
      { command: 'intercore.subtask.addNote', at: ['1_text@2'] },
      { command: 'intercore.subtask.addDependency', flags: ['unstarted'], at: ['2_order@1'] },
      { command: 'intercore.subtask.removeDependency', flags: ['unstarted'], at: ['2_order@2'] },
      { command: 'intercore.subtask.moveUp', at: ['3_place@1'] },
      { command: 'intercore.subtask.moveDown', at: ['3_place@2'] },
      { command: 'intercore.subtask.remove', flags: ['unstarted'], at: ['9_danger@1'] },
    ],
  },
};
