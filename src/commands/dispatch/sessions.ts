/** Commands on sessions: answers to agents, and what a person says to them. */
import * as vscode from 'vscode';
import type { GivenAttachment } from '../../contract/attachments';
import type { AttentionItem } from '../../contract/results/attention';
import type { OpenRequest, SayWhen, SessionState, WaitingText } from '../../contract/sessions';
import type { CommandArgs } from '../../contract/surfaces/commands';
import { defined } from '../../kernel/defined';
import { isLimit } from '../../kernel/dispatch/limit';
import { isActive } from '../../kernel/dispatch/machine';
import type { Dispatch } from '../../kernel/dispatch/model';
import { KernelError } from '../../kernel/errors/errors';
import { kernelOf, type RecordSelector } from '../../services/operations/host';
import { choose, Dismissed, enter } from '../../window/dialogs/ask';
import { inBackground } from '../../window/dialogs/background';
import { editorRows, fillIn } from '../../window/dialogs/form';
import { oneLine, plain } from '../../window/dialogs/labels';
import { changePermissionRules } from '../../window/settingWrites';
import { choiceOf } from '../general/attention';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { noneAvailable } from '../shared/noneAvailable';
import { only, pickDispatch, type DispatchPurpose } from '../shared/pickers';
import type { Invocation } from '../shared/invocation';
import { offerQueue } from './queue';
import { AttachmentRows } from './attachmentRows';
import { pauseAll, resumeAll } from './session/allSessions';
import { chooseRule, withRuleFor } from './session/alwaysAllow';
import { signInToAgent } from './agentSignIn';
import { showRequestedDiff } from './requestedDiff';
import { enterValues } from './session/sessionForm';

interface OfDispatch {
  readonly folder: string;
  readonly dispatchId: string;
}
interface OfRequest extends OfDispatch {
  readonly number: number;
}

export function sessionCommands(deps: CommandDeps): HandlersOf<'session'> {
  const { sessions } = deps.api;
  return {
    'intercore.session.allow': async (args) => {
      const target = await pickRequest(deps, args, vscode.l10n.t('Allow Once'), ['permissionAsked']);
      return await sessions.answer({ ...target, answer: 'allow' });
    },
    'intercore.session.alwaysAllow': async (args) => {
      const title = vscode.l10n.t('Always Allow Here');
      const isAllowable = ({ action }: AttentionItem): boolean => action.name === 'allowRequest';
      const target = await pickRequest(deps, args, title, ['permissionAsked'], isAllowable);
      return await alwaysAllow(deps, target, await requestOf(deps, target));
    },
    'intercore.session.signIn': async (args) => await signInToAgent(deps, args),
    'intercore.session.deny': async (args) => {
      const target = await pickRequest(deps, args, vscode.l10n.t('Deny with Reason'), ['permissionAsked']);
      return await sessions.answer({ ...target, answer: 'deny', ...defined({ reason: await reasonOf(args.reason) }) });
    },
    'intercore.session.answer': (args) => answer(deps, args),
    'intercore.session.showDiff': async (args) => {
      const title = vscode.l10n.t('Show Requested Changes');
      const target = await pickRequest(deps, args, title, ['permissionAsked'], ({ offers = [] }) =>
        offers.includes('diff'),
      );
      const request = await requestOf(deps, target);
      await showRequestedDiff(target.dispatchId, request);
      return target.dispatchId;
    },
    'intercore.session.say': (args, caller) => say(deps, args, caller),
    'intercore.session.editWaiting': async (args) => {
      const title = vscode.l10n.t('Edit Waiting Text');
      const target = await pickLive(deps, args, title, 'edit a waiting text of');
      const waiting = await pickWaiting(deps, target, args.waitingId, title);
      const text = args.text ?? (await enterText({ title, value: waiting.text }));
      return await sessions.editWaiting({ ...target, waitingId: waiting.id, text });
    },
    'intercore.session.removeWaiting': async (args) => {
      const title = vscode.l10n.t('Remove Waiting Text');
      const target = await pickLive(deps, args, title, 'remove a waiting text of');
      const waiting = await pickWaiting(deps, target, args.waitingId, title);
      return await sessions.editWaiting({ ...target, waitingId: waiting.id });
    },
    'intercore.session.cancel': async (args) =>
      await sessions.cancel(await pickLive(deps, args, vscode.l10n.t('Cancel Turn'), 'cancel the turn of')),
    'intercore.session.pause': async (args) =>
      await sessions.pause(await pickLive(deps, args, vscode.l10n.t('Pause Agent'), 'pause')),
    'intercore.session.resume': async (args) =>
      await sessions.resume(await pickLive(deps, args, vscode.l10n.t('Resume Agent'), 'resume')),
    'intercore.session.pauseAll': async (args) => await pauseAll(deps, args.folder),
    'intercore.session.resumeAll': async (args) => await resumeAll(deps, args.folder),
    'intercore.session.continue': async (args, caller) => {
      const title = vscode.l10n.t('Continue Session');
      const purpose: DispatchPurpose = {
        title,
        action: 'continue the session of',
        active: false,
        session: 'continuable',
      };
      const { folder, dispatch } = await pickDispatch(deps, args, purpose);
      const said = await enterMessage(title, folder, args);
      return await continueSession(deps, dispatch, { folder, dispatchId: dispatch.id, ...said }, caller);
    },
  };
}

/**
 * To a session that has ended, in a new dispatch, also where it ended while a person wrote the text. The id of the text,
 * or of that dispatch.
 */
async function say(
  deps: CommandDeps,
  args: CommandArgs<'intercore.session.say'>,
  caller: Invocation['caller'],
): Promise<string> {
  const { sessions } = deps.api;
  const title = vscode.l10n.t('Say to Agent');
  const { folder, dispatch } = await pickDispatch(deps, args, {
    title,
    action: 'say something to',
    active: true,
    session: 'any',
  });
  const target = { folder, dispatchId: dispatch.id };
  const said = await enterMessage(title, folder, args);
  if (!isActive(dispatch.status)) return (await continueSession(deps, dispatch, { ...target, ...said }, caller)).id;
  const when = args.when ?? (args.text === undefined ? await chooseWhen(await sessions.get(target)) : undefined);
  try {
    return await sessions.say({ ...target, ...said, ...defined({ when }) });
  } catch (error) {
    if (caller === 'program' || !KernelError.is(error, 'SESSION_ENDED')) throw error;
    return (await continueSession(deps, dispatch, { ...target, ...said }, caller)).id;
  }
}

/** A person is asked to allow the agent first. Where a limit refuses the dispatch, it may wait in the queue. */
async function continueSession(
  { api, host, log }: CommandDeps,
  { agentType }: Dispatch,
  args: Parameters<CommandDeps['api']['sessions']['continue']>[0] & { readonly folder: string },
  caller: Invocation['caller'],
): Promise<Dispatch> {
  if (caller === 'person') await host.taskServices.allowAgents(args.folder, undefined, agentType);
  try {
    return await api.sessions.continue(args);
  } catch (error) {
    if (caller === 'program' || !isLimit(error)) throw error;
    inBackground(log, 'offering to queue a dispatch', () => offerQueue(error, () => api.sessions.queueContinue(args)));
    throw new Dismissed();
  }
}

async function answer(deps: CommandDeps, args: CommandArgs<'intercore.session.answer'>): Promise<string> {
  const { sessions } = deps.api;
  const { answer: given, reason, values } = args;
  const target = await pickRequest(deps, args, vscode.l10n.t('Answer Agent'), ['permissionAsked', 'questionAsked']);
  if (given !== undefined) return await sessions.answer({ ...target, answer: given, ...defined({ reason, values }) });
  const request = await requestOf(deps, target);
  const question = { title: vscode.l10n.t('Answer Agent'), placeholder: oneLine(request.title) };
  if (request.kind === 'question') {
    const chosen = await choose(question, [
      { label: vscode.l10n.t('Answer…'), value: 'accept' as const },
      { label: vscode.l10n.t('Decline'), value: 'decline' as const },
    ]);
    if (chosen === 'decline') return await sessions.answer({ ...target, answer: chosen });
    return await sessions.answer({ ...target, answer: chosen, values: await enterValues(request) });
  }
  const chosen = await choose(question, [
    ...(request.mayAllow
      ? [
          { label: vscode.l10n.t('Allow Once'), value: 'allow' as const },
          { label: vscode.l10n.t('Always Allow Here…'), value: 'always' as const },
        ]
      : []),
    ...(request.mayDeny ? [{ label: vscode.l10n.t('Deny with Reason…'), value: 'deny' as const }] : []),
  ]);
  if (chosen === 'always') return await alwaysAllow(deps, target, request);
  if (chosen === 'allow') return await sessions.answer({ ...target, answer: chosen });
  return await sessions.answer({ ...target, answer: chosen, ...defined({ reason: await reasonOf(reason) }) });
}

/** Allows the request once, then adds the rule, if one is chosen: the answer of another window stands, and adds none. */
async function alwaysAllow(
  { api, services }: CommandDeps,
  { number, ...target }: OfRequest,
  request: OpenRequest,
): Promise<string> {
  const rule = await chooseRule(request, target.folder, services.settings.get('intercore.agents.permissionRules'));
  const answered = await api.sessions.answer({ ...target, number, answer: 'allow' });
  if (rule !== undefined) await changePermissionRules((rules) => withRuleFor(request, rule, rules));
  return answered;
}

type RequestKind = 'permissionAsked' | 'questionAsked';

/** The request that is named, the only one, or one that a person picks. */
async function pickRequest(
  { api, attention, host }: CommandDeps,
  args: RecordSelector & { readonly number?: number | undefined },
  title: string,
  kinds: readonly RequestKind[],
  suits: (item: AttentionItem) => boolean = () => true,
): Promise<OfRequest> {
  const { dispatchId, number, taskId, subtaskId } = args;
  if (dispatchId !== undefined && number !== undefined) {
    return { folder: (await kernelOf(host, args, 'answer')).folder, dispatchId, number };
  }
  if (api.folders().length === 0) throw new KernelError('NO_FOLDER', { action: 'answer' });
  const choices = attention.items().flatMap((item) => {
    const { folder, ...ids } = item.action.args;
    if (!kinds.some((kind) => kind === item.kind) || !suits(item)) return [];
    if (ids.dispatchId === undefined || ids.number === undefined) return [];
    if ((args.folder ?? folder) !== folder || (dispatchId ?? ids.dispatchId) !== ids.dispatchId) return [];
    if ((subtaskId ?? ids.subtaskId) !== ids.subtaskId || (taskId ?? ids.taskId) !== ids.taskId) return [];
    const value: OfRequest = { folder, dispatchId: ids.dispatchId, number: ids.number };
    return [{ ...choiceOf(item), value }];
  });
  return await only(choices, { title, placeholder: vscode.l10n.t('Select a request') }, 'request');
}

/** @throws KernelError `NOT_FOUND` where it was answered meanwhile; as `sessions.get` */
async function requestOf({ api }: CommandDeps, { number, ...target }: OfRequest): Promise<OpenRequest> {
  const { requests } = await api.sessions.get(target);
  const found = requests.find((request) => request.number === number);
  if (found === undefined) throw new KernelError('NOT_FOUND', { what: 'request', id: String(number) });
  return found;
}

async function pickLive(deps: CommandDeps, args: RecordSelector, title: string, action: string): Promise<OfDispatch> {
  const { folder, dispatch } = await pickDispatch(deps, args, { title, action, active: true, session: 'any' });
  return { folder, dispatchId: dispatch.id };
}

async function pickWaiting(
  { api }: CommandDeps,
  target: OfDispatch,
  id: string | undefined,
  title: string,
): Promise<WaitingText> {
  const { waiting } = await api.sessions.get(target);
  const named = waiting.find((text) => text.id === id);
  if (named !== undefined) return named;
  if (id !== undefined) throw new KernelError('NOT_FOUND', { what: 'waiting text', id });
  const choices = waiting.map((value) => ({ label: plain(value.text), description: plain(value.by), value }));
  if (choices.length === 0) throw noneAvailable('waitingText');
  return await only(choices, { title, placeholder: vscode.l10n.t('Select a waiting text') }, 'waitingText');
}

interface Message {
  readonly text: string;
  readonly attachments?: GivenAttachment[];
}

/** A text with attachments; the form is left out where the caller gave the text. */
async function enterMessage(
  title: string,
  folder: string,
  given: Pick<CommandArgs<'intercore.session.say'>, 'text' | 'attachments'>,
): Promise<Message> {
  const attached = new AttachmentRows(folder, given.attachments);
  const text =
    given.text ??
    (await fillIn({
      title,
      placeholder: vscode.l10n.t('Text for the agent'),
      problem: textProblem,
      rows: () => [{ icon: 'comment', text: vscode.l10n.t('Send') }, ...editorRows(), ...attached.rows()],
    }));
  return { text, ...defined({ attachments: attached.attachments }) };
}

const textProblem = (text: string): string | undefined =>
  text.trim() === '' ? vscode.l10n.t('Enter a text.') : undefined;

async function enterText(asked: { readonly title: string; readonly value: string }): Promise<string> {
  return await enter({ ...asked, placeholder: vscode.l10n.t('Text for the agent'), problem: textProblem });
}

/** Nothing for an empty reason. */
async function reasonOf(given: string | undefined): Promise<string | undefined> {
  if (given !== undefined) return given;
  const text = await enter({
    title: vscode.l10n.t('Deny with Reason'),
    placeholder: vscode.l10n.t('Reason, which the agent gets as its next prompt (optional)'),
    problem: () => undefined,
  });
  return text.trim() === '' ? undefined : text;
}

/** Between turns there is nothing to choose. */
async function chooseWhen({ phase, canSteer }: SessionState): Promise<SayWhen> {
  if (phase !== 'running') return 'afterTurn';
  const title = vscode.l10n.t('Say to Agent');
  return await choose({ title, placeholder: vscode.l10n.t('Select when the agent gets the text') }, [
    { label: vscode.l10n.t('After this turn'), value: 'afterTurn' as const },
    ...(canSteer ? [{ label: vscode.l10n.t('Now, during the turn'), value: 'now' as const }] : []),
    { label: vscode.l10n.t('Now, in place of the rest of the turn'), value: 'instead' as const },
  ]);
}
