/** A budget as a bar: used, reserved by running agents, left. Unknown usage is not drawn as zero. */
import type { BoardGauge } from '../../../contract/pages/board';

export function Gauge({ gauge: { name, text, used, held, isSure, level } }: { readonly gauge: BoardGauge }) {
  const percent = (share: number): string => `${share * 100}%`;
  return (
    <span
      class={`bar ${level}${isSure ? '' : ' unsure'}`}
      role="meter"
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(used * 100)}
      aria-valuetext={text}
      title={`${name}: ${text}`}
    >
      <span class="used" style={{ width: percent(used) }} />
      <span class="held" style={{ width: percent(held) }} />
    </span>
  );
}
