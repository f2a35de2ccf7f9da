import { formatBits, formatBytes, formatCount, formatMs } from "../output/format.js";
import { describeHeldOut, type HeldOutLine, type StepLine } from "./history.js";
import { RunningMean } from "./running-mean.js";

/** Steps that the loss and the speed of the progress line look back on. */
const span = 50;

/** What the progress line of a run says. */
export class Status {
	private readonly loss = new RunningMean(span);
	private readonly bits = new RunningMean(span);
	private readonly tokensPerSecond = new RunningMean(span);
	private readonly start = performance.now();
	private taken = 0;
	private step = 0;
	private peakBytes = 0;
	private heldOut: HeldOutLine | null = null;

	constructor(private readonly steps: number) {}

	/** Takes in a step. `bytes`: of the text that its tokens stand for; 0 where not all are predicted. */
	addStep({ step, loss, tokens, seconds }: StepLine, bytes: number, peakBytes: number): void {
		this.step = step;
		this.taken++;
		this.loss.add(loss);
		if (bytes > 0) this.bits.add((loss * tokens) / bytes / Math.LN2);
		this.tokensPerSecond.add(tokens / seconds);
		this.peakBytes = peakBytes;
	}

	addHeldOut(line: HeldOutLine): void {
		this.step = line.step;
		this.heldOut = line;
	}

	/** In a few words: what a bar leaves room for. */
	text(): string {
		const parts = [
			...(this.taken > 0 ? [`loss ${this.loss.value.toFixed(3)}`, ...this.bitsText()] : ["untrained"]),
			...(this.heldOut ? [`held out ${describeHeldOut(this.heldOut).replace(" bits per byte", "")}`] : []),
			...(this.taken > 0 ? [`${formatCount(this.tokensPerSecond.value)} tokens/s`, formatBytes(this.peakBytes)] : []),
			...(this.taken > 0 && this.step < this.steps ? [this.timeLeft()] : []),
		];
		return parts.join(" · ");
	}

	private bitsText(): string[] {
		return Number.isFinite(this.bits.value) ? [`${formatBits(this.bits.value)} bits/byte`] : [];
	}

	private timeLeft(): string {
		const each = (performance.now() - this.start) / this.taken;
		return `${formatMs(each * (this.steps - this.step))} left`;
	}
}
