/** The fixed texts of the board's page. */
import type { BoardTexts } from '../../contract/pages/boardTexts';
import type { Localizer } from '../rows/localizer';

export function boardPageTexts(l10n: Localizer): BoardTexts {
  return { ...columnTexts(l10n), ...pageTexts(l10n), ...actionTexts(l10n), ...keyTexts(l10n) };
}

function columnTexts(l10n: Localizer) {
  return {
    ready: l10n.t('Ready'),
    inProgress: l10n.t('In Progress'),
    completed: l10n.t('Completed'),
    merged: l10n.t('Merged'),
    blocked: l10n.t('Blocked'),
  };
}

function pageTexts(l10n: Localizer) {
  return {
    board: l10n.t('Board'),
    boardHint: l10n.t('Use the arrow keys to move, Enter to open the details, and question mark to list all keys.'),
    tasks: l10n.t('Tasks'),
    newTask: l10n.t('New Task'),
    createTask: l10n.t('Create Task…'),
    useFolder: l10n.t('Use This Folder'),
    addProject: l10n.t('Add Project from GitHub…'),
    help: l10n.t('Keyboard Shortcuts'),
    close: l10n.t('Close'),
    dismiss: l10n.t('Dismiss'),
    search: l10n.t('Filter by text'),
    allTasks: l10n.t('All Tasks'),
    taskFilter: l10n.t('Filter by task'),
    columnsFilter: l10n.t('Filter by status'),
    group: l10n.t('Group by Task'),
    doneTasks: l10n.t('Completed Tasks ({0})'),
    clear: l10n.t('Clear Filters'),
    noTasks: l10n.t('No tasks'),
    noCards: l10n.t('No subtasks'),
    noMatch: l10n.t('Nothing matches the filters'),
    count: l10n.t('{0} ({1})'),
    countOf: l10n.t('{0} ({1} of {2})'),
    details: l10n.t('Details'),
    actions: l10n.t('Actions'),
    attempts: l10n.t('Attempts'),
    waitsFor: l10n.t('Waits for'),
    dependents: l10n.t('Needed by'),
    branch: l10n.t('Branch'),
    pullRequest: l10n.t('Pull request'),
    log: l10n.t('Log'),
    prompt: l10n.t('Prompt'),
    moved: l10n.t('{0} moved to position {1} of {2}'),
    atEdge: l10n.t('{0} was not moved. It can only be moved among the cards of its task in this column.'),
    grabbed: l10n.t('Drop to move {0}, Escape to cancel'),
    nowIs: l10n.t('{0} is now {1}'),
    manyChanged: l10n.t('{0} subtasks changed'),
    working: l10n.t('{0}, working…'),
    progress: l10n.t('{0} of {1} merged'),
  };
}

function actionTexts(l10n: Localizer) {
  return {
    answer: l10n.t('Answer…'),
    start: l10n.t('Start'),
    stop: l10n.t('Stop'),
    resumeAccount: l10n.t('Resume Now'),
    pauseAccount: l10n.t('Do Not Resume'),
    retry: l10n.t('Retry'),
    retrySetup: l10n.t('Retry Setup'),
    merge: l10n.t('Merge…'),
    retryPullRequest: l10n.t('Retry Pull Request'),
    markMerged: l10n.t('Mark as Merged…'),
    openPullRequest: l10n.t('Open Pull Request'),
    showChanges: l10n.t('Show Changes'),
    showLog: l10n.t('Show Log'),
    showPrompt: l10n.t('Show Prompt'),
    openWorktree: l10n.t('Open Worktree'),
    cleanUp: l10n.t('Clean Up Worktrees…'),
    trustLocation: l10n.t('Trust This Location'),
    copyBranch: l10n.t('Copy Branch'),
    retryPlanning: l10n.t('Retry Planning'),
    stopPlanning: l10n.t('Stop Planning'),
    toggleAutoStart: l10n.t('Toggle Automatic Start'),
    showReport: l10n.t('Show Report'),
    delete: l10n.t('Delete…'),
  };
}

function keyTexts(l10n: Localizer) {
  return {
    keyArrows: l10n.t('Move between cards'),
    keyTab: l10n.t('Focus the buttons of the card'),
    keyEnter: l10n.t('Open the details'),
    keyMove: l10n.t('Move the card within its task'),
    keySearch: l10n.t('Filter by text'),
    keyNew: l10n.t('New task'),
    keyProject: l10n.t('Add a project'),
    keyMenu: l10n.t('Show the actions of the card or task'),
    keyHelp: l10n.t('List the keys'),
    keyEscape: l10n.t('Close the details, or clear the text filter'),
  };
}
