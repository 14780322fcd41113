/** A list of any length of which only the rows that are seen are in the page. Follows its end if wanted. */
import { Heights } from './heights';

export interface RowSource {
  /** The element of a row, or one in its place until the row has come. */
  element(index: number): HTMLElement;
  /** Called with the rows that are drawn, after each change of them. */
  drawn(from: number, to: number): void;
}

/** Rows above and below those that are seen. */
const MARGIN = 8;
const ESTIMATE = 28;
/** A row is measured when it is drawn, which may show others. */
const MOST_PASSES = 5;
/** In pixels: so near to the end is at the end. */
const NEAR = 8;

export class VirtualRows {
  private readonly heights = new Heights(ESTIMATE);
  private readonly shown = new Map<number, HTMLElement>();
  private follows = true;
  /** Where the list was last scrolled to from here; the event that follows is not the person's. */
  private scrolledTo = 0;
  private focusedIndex: number | undefined;
  private frame: number | undefined;

  constructor(
    private readonly viewport: HTMLElement,
    private readonly list: HTMLElement,
    private readonly source: RowSource,
    private readonly onFollow: (follows: boolean) => void,
  ) {
    viewport.addEventListener('scroll', () => this.scrolled(), { passive: true });
    list.addEventListener('focusin', ({ target }) => {
      const row = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;
      if (row !== null) this.focusedIndex = Number(row.dataset['index']);
    });
    new ResizeObserver(() => this.soon()).observe(viewport);
  }

  get count(): number {
    return this.heights.count;
  }

  get isFollowing(): boolean {
    return this.follows;
  }

  /** The row that the keyboard is at. */
  get current(): number | undefined {
    return this.focusedIndex;
  }

  /** The first row that is seen. */
  get top(): number {
    return this.heights.at(this.viewport.scrollTop);
  }

  setCount(count: number): void {
    this.heights.setCount(count);
    this.resize();
    this.soon();
  }

  follow(follows: boolean): void {
    this.follows = follows;
    this.onFollow(follows);
    this.soon();
  }

  /** Makes the element of a row again, where it is shown. */
  renew(index: number): void {
    const old = this.shown.get(index);
    if (old === undefined) return;
    const hadFocus = old.contains(document.activeElement);
    const element = this.source.element(index);
    old.replaceWith(element);
    this.shown.set(index, element);
    if (hadFocus) element.focus({ preventScroll: true });
    this.soon();
  }

  renewAll(): void {
    for (const index of this.shown.keys()) this.renew(index);
  }

  /** Takes the focus to a row. */
  focus(index: number): void {
    if (this.count === 0) return;
    const row = Math.max(0, Math.min(index, this.count - 1));
    this.focusedIndex = row;
    this.reveal(row);
    this.shown.get(row)?.focus({ preventScroll: true });
  }

  reveal(index: number): void {
    // Rows above that were never measured may move it, so it is aimed at again.
    for (let pass = 0; pass < 2; pass += 1) {
      const [top, bottom] = [this.heights.top(index), this.heights.top(index + 1)];
      const { scrollTop, clientHeight } = this.viewport;
      const isAbove = top < scrollTop || bottom - top > clientHeight;
      if (isAbove || bottom > scrollTop + clientHeight) {
        this.scrollTo(isAbove ? top : bottom - clientHeight);
        if (index < this.count - 1) this.follow(false);
      }
      this.draw();
    }
  }

  /** Shows a row at the top. */
  scrollToRow(index: number): void {
    this.follow(false);
    this.scrollTo(this.heights.top(index));
    this.draw();
  }

  soon(): void {
    this.frame ??= requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    if (this.frame !== undefined) cancelAnimationFrame(this.frame);
    this.frame = undefined;
    const { viewport, heights } = this;
    const anchor = this.top;
    const offset = viewport.scrollTop - heights.top(anchor);
    for (let pass = 0; pass < MOST_PASSES; pass += 1) {
      this.resize();
      if (this.follows) this.scrollTo(heights.top(this.count));
      const hasMoved = this.drawOnce();
      if (!hasMoved) break;
      if (!this.follows) this.scrollTo(heights.top(anchor) + offset);
    }
    for (const [index, element] of this.shown) element.style.transform = `translateY(${heights.top(index)}px)`;
  }

  /** Whether rows turned out to be higher or lower. */
  private drawOnce(): boolean {
    const { viewport, heights, shown } = this;
    const { scrollTop, clientHeight } = viewport;
    const from = Math.max(0, heights.at(scrollTop) - MARGIN);
    const to = Math.min(this.count, heights.at(scrollTop + clientHeight) + 1 + MARGIN);
    const isWanted = (index: number): boolean => (index >= from && index < to) || index === this.focusedIndex;
    for (const [index, element] of [...shown]) {
      if (isWanted(index) && index < this.count) continue;
      element.remove();
      shown.delete(index);
    }
    for (let index = from; index < to; index += 1) this.show(index);
    this.source.drawn(from, to);
    let hasMoved = false;
    for (const [index, element] of shown) if (heights.set(index, element.offsetHeight)) hasMoved = true;
    return hasMoved;
  }

  private show(index: number): void {
    if (this.shown.has(index)) return;
    const element = this.source.element(index);
    this.shown.set(index, element);
    // Readers and the Tab key go by the order of elements.
    const next = [...this.shown.keys()].filter((other) => other > index).sort((a, b) => a - b)[0];
    this.list.insertBefore(element, next === undefined ? null : (this.shown.get(next) ?? null));
  }

  /** A list that is too short cannot be scrolled to its rows. */
  private resize(): void {
    this.list.style.height = `${this.heights.top(this.count)}px`;
  }

  private scrollTo(top: number): void {
    this.viewport.scrollTop = top;
    this.scrolledTo = this.viewport.scrollTop;
  }

  private scrolled(): void {
    const { scrollTop, clientHeight } = this.viewport;
    if (Math.abs(scrollTop - this.scrolledTo) >= 1) {
      const isAtEnd = scrollTop + clientHeight >= this.heights.top(this.count) - NEAR;
      this.scrolledTo = scrollTop;
      if (isAtEnd !== this.follows) {
        this.follows = isAtEnd;
        this.onFollow(isAtEnd);
      }
    }
    this.soon();
  }
}
