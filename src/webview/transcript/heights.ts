/** The heights of the rows of a long list: measured where a row was shown, estimated elsewhere. In pixels. */

export class Heights {
  private readonly known: (number | undefined)[] = [];
  private tops = new Float64Array(1);
  /** Tops up to this row are valid. */
  private valid = 0;
  private rows = 0;

  constructor(private readonly estimate: number) {}

  get count(): number {
    return this.rows;
  }

  setCount(count: number): void {
    this.valid = Math.min(this.valid, this.rows, count);
    this.rows = count;
    this.known.length = Math.min(this.known.length, count);
  }

  /** Whether it is another height than before. */
  set(index: number, height: number): boolean {
    if (this.known[index] === height) return false;
    this.known[index] = height;
    this.valid = Math.min(this.valid, index);
    return true;
  }

  /** Of the number of rows: the height of all. */
  top(index: number): number {
    this.update();
    return this.tops[Math.max(0, Math.min(index, this.rows))] ?? 0;
  }

  /** The row at a distance from the top. */
  at(distance: number): number {
    this.update();
    let low = 0;
    let high = Math.max(0, this.rows - 1);
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.tops[middle] ?? 0) <= distance) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private update(): void {
    if (this.valid === this.rows) return;
    if (this.tops.length <= this.rows) {
      const longer = new Float64Array(2 * this.rows + 1);
      longer.set(this.tops);
      this.tops = longer;
    }
    for (let index = this.valid; index < this.rows; index += 1) {
      this.tops[index + 1] = (this.tops[index] ?? 0) + (this.known[index] ?? this.estimate);
    }
    this.valid = this.rows;
  }
}
