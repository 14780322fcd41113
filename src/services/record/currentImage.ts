/** The image that readers of a record see, the state of its file, and the events about their changes. */
import type { Snapshot } from '../../host/image/imageReading';
import type { Log } from '../../host/log';
import { Touched, type Change } from '../../kernel/change';
import { Emitter } from '../../kernel/emitter';
import { sameState, type KernelState } from './kernelState';
import type { ImageSource, LoadedImage } from './loadedImage';
import { openDatabase } from './recordOpening';

export interface CurrentImageOptions {
  readonly source: ImageSource;
  readonly log: Log;
  /** Whether files may be changed, as by a recovery while the file is read. */
  readonly trusted: () => boolean;
  readonly onListenerError: (error: unknown) => void;
  /** Called when a file that could be read is gone. */
  readonly onGone: () => void;
}

export class CurrentImage {
  readonly changes: Emitter<Change>;
  readonly states: Emitter<KernelState>;
  private loaded: LoadedImage | undefined;
  private current: KernelState = { kind: 'loading' };
  private generations = 0;

  constructor(private readonly options: CurrentImageOptions) {
    this.changes = new Emitter(options.onListenerError);
    this.states = new Emitter(options.onListenerError);
  }

  get image(): LoadedImage | undefined {
    return this.loaded;
  }

  get state(): KernelState {
    return this.current;
  }

  /** Counts the images so far. */
  get generation(): number {
    return this.generations;
  }

  /** Whether nothing must be read again. A state other than `ready` may change without the file's content. */
  async isCurrent(): Promise<boolean> {
    if (this.current.kind !== 'ready') return false;
    try {
      return this.loaded?.isOf(await this.options.source.file.generation()) === true;
    } catch (error) {
      this.options.log.info('The database could not be compared; reading it again', { error });
      return false;
    }
  }

  /** Reads the file, or the result of `read`. Never throws for problems with it: `state` shows them. */
  async reload(read?: () => Promise<Snapshot | undefined>): Promise<void> {
    const had = this.loaded !== undefined;
    const { source, log, trusted } = this.options;
    const { image, state } = await openDatabase(source, log, trusted(), read);
    this.hold(image, state);
    if (had || image !== undefined) this.announce('file', new Touched());
  }

  hold(image: LoadedImage | undefined, state: KernelState): void {
    if (this.loaded !== undefined && state.kind === 'missing') this.options.onGone();
    if (this.loaded !== image) this.loaded?.close();
    this.loaded = image;
    const before = this.current;
    this.current = state;
    if (!sameState(before, state)) this.states.fire(state);
  }

  announce(origin: Change['origin'], touched: Touched): void {
    this.generations += 1;
    const { runs, dispatches, subtasks, other } = touched;
    this.changes.fire({ generation: this.generations, origin, runs, dispatches, subtasks, other });
  }

  close(): void {
    this.loaded?.close();
    this.loaded = undefined;
    this.changes.dispose();
    this.states.dispose();
  }
}
