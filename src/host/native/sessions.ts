/** Handles requests to the native library. Each session is one open file. */
import { problemOf } from '../../kernel/errors/errors';
import { systemCode } from '../files/fileErrors';
import type { NativeAnswer, NativeRequest } from './messages';
import { NativeSession, resultCode } from './session';
import type { NativeModule } from './sqliteModule';

export class NativeSessions {
  private readonly open = new Map<number, NativeSession>();

  constructor(private readonly module: NativeModule) {}

  /** Never throws: an error is a response. */
  answer(request: NativeRequest): NativeAnswer {
    try {
      return this.perform(request);
    } catch (error) {
      return { kind: 'failed', code: resultCode(error) ?? systemCode(error), problem: problemOf(error) };
    }
  }

  private perform(request: NativeRequest): NativeAnswer {
    if (request.kind === 'start') return this.start(request);
    const session = this.open.get(request.session);
    switch (request.kind) {
      case 'end':
        this.open.delete(request.session);
        session?.close();
        return { kind: 'ended' };
      case 'read':
        return known(session).read();
      case 'replay':
        return known(session).replay(request.statements);
      case 'commit':
        return known(session).commit();
    }
  }

  /** A session that could not start is closed: the file may have been replaced since it was opened. */
  private start({ session: id, file, purpose }: Extract<NativeRequest, { kind: 'start' }>): NativeAnswer {
    const session = NativeSession.open(this.module, file, purpose === 'create');
    if (session === undefined) return { kind: 'absent' };
    let answer: NativeAnswer | undefined;
    try {
      answer = session.begin(purpose === 'read' ? 'read' : 'write');
      return answer;
    } finally {
      if (answer?.kind === 'started') this.open.set(id, session);
      else session.close();
    }
  }
}

function known(session: NativeSession | undefined): NativeSession {
  if (session === undefined) throw new Error('the native session is not open');
  return session;
}
