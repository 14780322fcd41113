/** The page's way to the extension and to what VS Code keeps for it. */
import {
  graphCommand,
  graphPageState,
  type GraphCommand,
  type GraphEvent,
  type GraphPageState,
} from '../../contract/graph';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

export class Editor {
  private readonly api = acquireVsCodeApi();

  constructor(private readonly portfolioId: string) {}

  /** What was kept of this page; nothing where it was another portfolio's. */
  kept(): GraphPageState {
    const { data } = graphPageState.safeParse(this.api.getState());
    return data?.portfolioId === this.portfolioId ? data : { portfolioId: this.portfolioId };
  }

  keep(state: Omit<GraphPageState, 'portfolioId'>): void {
    const kept: GraphPageState = { portfolioId: this.portfolioId, ...state };
    this.api.setState(kept);
  }

  tell(event: GraphEvent): void {
    this.api.postMessage(event);
  }

  /** Messages of anything else are not ours and pass by. */
  onCommand(listener: (command: GraphCommand) => void): void {
    window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const command = graphCommand.safeParse(data).data;
      if (command !== undefined) listener(command);
    });
  }
}
