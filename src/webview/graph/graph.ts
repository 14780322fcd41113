/** The page of the dependency graph: draws the pictures it is sent and reports what the person selects. */
import {
  graphCommand,
  graphMemory,
  type GraphCommand,
  type GraphEvent,
  type GraphMemory,
  type GraphPicture,
} from '../../contract/pages/graph';
import { Channel } from '../channel';
import { part } from '../dom';
import type { Direction, Point } from '../geometry';
import { listenToGestures, type GestureOptions, type Gestures } from '../gestures';
import { bringIntoSight, fit, pan, zoom, type Camera, type Size } from './camera';
import { spokenChanges } from './changes';
import { drawEdges, drawNodes, drawFrame } from './frame';
import { layOut, layoutKey, type Layout } from './layout';
import { step } from './steps';

/** Below this scale only names are shown, larger. */
const READABLE = 0.55;
const GESTURES: GestureOptions = { axes: 'both', zoomStep: 1.25, panStep: 60, clicksByKey: false };

interface Shown {
  readonly seq: number;
  readonly picture: GraphPicture;
  readonly key: string;
  readonly layout: Layout;
}

class GraphView implements Gestures {
  private readonly graph = part('graph');
  private readonly stage = part('stage');
  private shown: Shown | undefined;
  private nodes: ReadonlyMap<string, HTMLButtonElement> = new Map();
  /** Undefined while everything is fitted into the window. */
  private camera: Camera | undefined;
  /** The node that the Tab key leads to. */
  private current: string | undefined;

  constructor(private readonly channel: Channel<GraphCommand, GraphEvent, GraphMemory>) {
    ({ camera: this.camera, current: this.current } = channel.kept() ?? {});
    channel.keep(this.memory());
    listenToGestures(this.graph, this, GESTURES);
    this.graph.addEventListener('click', ({ target }) => this.choose(target));
    this.graph.addEventListener('focusin', ({ target }) => this.arrive(target));
    new ResizeObserver(() => this.look()).observe(this.graph);
    channel.onCommand((command) => this.draw(command));
    channel.ready();
  }

  pan(by: Point): void {
    if (this.shown === undefined) return;
    this.look(pan(this.seen(this.shown.layout), by, this.shown.layout, this.window()));
  }

  zoom(factor: number, around?: Point): void {
    if (this.shown === undefined) return;
    const { x, y } = around ?? this.center();
    const frame = this.graph.getBoundingClientRect();
    this.look(zoom(this.seen(this.shown.layout), factor, { x: x - frame.x, y: y - frame.y }));
  }

  fit(): void {
    this.camera = undefined;
    this.look();
  }

  step(direction: Direction): void {
    if (this.shown === undefined) return;
    const next = step(this.shown.layout, this.current ?? '', direction);
    if (next !== undefined) this.nodes.get(next)?.focus({ preventScroll: true });
  }

  private draw({ seq, picture }: GraphCommand): void {
    const before = this.shown;
    // Messages arrive in order; one that does not is of an earlier page.
    if (before !== undefined && seq <= before.seq) return;
    const key = layoutKey(picture);
    const layout = before?.key === key ? before.layout : layOut(picture);
    this.shown = { seq, picture, key, layout: withEdges(layout, picture) };
    drawFrame(picture);
    const isEmpty = picture.nodes.length === 0;
    this.graph.hidden = isEmpty;
    for (const footer of document.querySelectorAll('footer')) footer.hidden = isEmpty;
    this.nodes = drawNodes(picture, this.shown.layout, this.nodes);
    drawEdges(this.shown.layout);
    this.keepCurrent(picture);
    this.look();
    if (before !== undefined) announce(spokenChanges(before.picture, picture));
  }

  /** One node takes part in the Tab order: the one that the keyboard was on, else the first. */
  private keepCurrent({ nodes }: GraphPicture): void {
    if (this.current === undefined || !this.nodes.has(this.current)) this.current = nodes[0]?.id;
    for (const [id, element] of this.nodes) element.tabIndex = id === this.current ? 0 : -1;
  }

  private arrive(target: EventTarget | null): void {
    const id = nodeOf(target);
    if (id === undefined || this.shown === undefined) return;
    this.current = id;
    this.keepCurrent(this.shown.picture);
    const box = this.shown.layout.nodes.get(id);
    const seen = this.seen(this.shown.layout);
    const camera = box === undefined ? seen : bringIntoSight(seen, box, this.window());
    // A press has its node in sight already, and a graph that is fitted stays so.
    const isMoved = camera.x !== seen.x || camera.y !== seen.y;
    this.look(isMoved && this.camera !== undefined ? camera : this.camera);
  }

  private choose(target: EventTarget | null): void {
    const node = nodeOf(target);
    if (node !== undefined && this.shown !== undefined)
      this.channel.send({ type: 'reveal', seq: this.shown.seq, node });
  }

  /** Shows the graph as the camera has it, and remembers that. */
  private look(camera = this.camera): void {
    if (this.shown === undefined) return;
    this.camera = camera;
    const { x, y, scale } = this.seen(this.shown.layout);
    this.stage.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    this.stage.classList.toggle('far', scale < READABLE);
    this.channel.keep(this.memory());
  }

  private seen(graph: Size): Camera {
    return this.camera ?? fit(graph, this.window());
  }

  private window(): Size {
    return { width: this.graph.clientWidth, height: this.graph.clientHeight };
  }

  /** The middle of the node with the focus, or else of the graph. A point of the page. */
  private center(): Point {
    const focused = document.activeElement?.closest('.node') ?? this.graph;
    const { x, y, width, height } = focused.getBoundingClientRect();
    return { x: x + width / 2, y: y + height / 2 };
  }

  private memory(): GraphMemory {
    const { camera, current } = this;
    return { ...(camera === undefined ? {} : { camera }), ...(current === undefined ? {} : { current }) };
  }
}

/** The lines of this picture where those of an equal layout are. */
function withEdges(layout: Layout, { edges }: GraphPicture): Layout {
  return { ...layout, edges: layout.edges.map((placed, index) => ({ ...placed, edge: edges[index] ?? placed.edge })) };
}

function nodeOf(target: EventTarget | null): string | undefined {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-node]') : null;
  return element?.dataset['node'];
}

function announce(text: string): void {
  if (text !== '') part('announcements').textContent = text;
}

export function startGraph(): void {
  new GraphView(new Channel({ command: graphCommand, memory: graphMemory }));
}
