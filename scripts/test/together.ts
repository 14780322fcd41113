/** Short tests that leave nothing behind in their process: the files of each pattern share one. */
type Together = Readonly<Record<string, RegExp>>;

export const HOST_TOGETHER: Together = {
  'in short':
    /^(database|files|inspection|launcher|locks|process|session|state|trusted|wasm)\/(?!sessionHost$)|^image\/leftLog$|^turns$/,
  'git in short':
    /^git\/((gitProblem|statusOutput|filesApart|foreignConfig|git|worktreeIdentity|baseBranch)$|merge\/(mergeHooks|mergeSignature)$|branch\/referenceFiles$|config\/fixedConfig$|worktree\/treeCopy$)/,
};

export const SERVICES_TOGETHER: Together = {
  'attention in short': /^(attention\/(attentionOf$|portfolioNeeds$|items\/)|operations\/)/,
  'agents in short':
    /^agents\/(acp\/(session(?!Adapters)|addedAgentSession$)|(agentParsers|lenientReaders|agentPrograms|logText)$)/,
  'dispatch in short': /^dispatch\/(context\/|start\/|(takingUp|dispatcherUnrecorded|sessions)$)/,
  'portfolio in short': /^portfolio\/(snapshot\/(snap|other)|cancel$|advance$|home\/|relay\/relays$)/,
  'tasks in short':
    /^tasks\/((badRows|heavySteps)$|(lead\/(faults|jobs|lease|stageFailures)|landing\/(claude|proposalText)|worktreeSetup\/(noNetwork|worktreeSetup)|proof\/changes|project\/(foreignClones|githubSecrets|locations|partialClones)|worktree\/snapshotsOnce)$)/,
};

export const CLI_TOGETHER: Together = {
  'in short':
    /^(command\/|(grammar\/(emptyArguments|flags|grammar|textFidelity|oddNumbers)|lead\/(leadSettings|leadStatus)|compatibility\/(listedDifferences|sameAnswers|sameKernel))$)/,
  'nouns in short':
    /^nouns\/(portfolio\/|program\/|(dispatch\/(agentKinds|heldAgents|hooks|sessions|sessionHost)|task\/(tasks|gitHubAccount|beads|foreignWork)|record\/(eventFollower|recordOwner))$)/,
};
