/** Base class of every error this library throws on purpose. */
export class LongspanError extends Error {
	override name = "LongspanError";
}

/** A tensor has a shape an operation cannot take. */
export class ShapeError extends LongspanError {
	override name = "ShapeError";
}

/** A tensor has the wrong element type. */
export class DTypeError extends LongspanError {
	override name = "DTypeError";
}

/** An option or argument that is not a tensor has a value outside its range. */
export class OptionError extends LongspanError {
	override name = "OptionError";
}

/** A tensor was used after it was disposed. */
export class DisposedError extends LongspanError {
	override name = "DisposedError";
}

/** The device has no room for a buffer. Names the bytes asked for and the bytes alive. */
export class OutOfMemoryError extends LongspanError {
	override name = "OutOfMemoryError";
}

/** The device cannot be started, cannot do what was asked, or was lost. */
export class DeviceError extends LongspanError {
	override name = "DeviceError";
}

/** A training step was not applied because its loss or gradient is not finite, or its loss exploded. */
export class TrainingError extends LongspanError {
	override name = "TrainingError";

	constructor(
		message: string,
		/** The step that was not applied, counted from 1. */
		readonly step: number,
		readonly loss: number,
		/** Norm of the whole gradient, before clipping. */
		readonly gradientNorm: number,
	) {
		super(message);
	}
}
