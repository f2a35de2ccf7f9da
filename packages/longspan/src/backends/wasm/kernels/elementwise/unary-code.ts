/** Functions of one variable that the unary kernels know. Shared by the AssemblyScript module and its TypeScript host. */
export enum UnaryCode {
	// In the order of the table in unary.ts.
	scale = 0,
	shift = 1,
	exp = 2,
	log = 3,
	tanh = 4,
	sigmoid = 5,
	relu = 6,
	gelu = 7,
	geluTanh = 8,
	silu = 9,
	softplus = 10,
	elu = 11,
	eluPlusOne = 12,
	squareRoot = 13,
	// Powers: frequent exponents on their own.
	identity = 14,
	square = 15,
	cube = 16,
	reciprocal = 17,
	/** x ^ 0.5: as the square root, but 0 of -0 and Infinity of -Infinity. */
	halfPower = 18,
	/** x ^ -0.5 */
	minusHalfPower = 19,
	sine = 20,
	cosine = 21,
	/** A power with any other exponent. */
	power = 22,
}

/** Derivatives f in dx = dy * factor * f(x), in the order of the table in unary-gradient.ts. */
export enum SlopeCode {
	one = 0,
	exp = 1,
	tanhSlope = 2,
	sigmoid = 3,
	sigmoidSlope = 4,
	step = 5,
	geluSlope = 6,
	geluTanhSlope = 7,
	siluSlope = 8,
	/** Of elu and elu + 1. */
	eluSlope = 9,
	identity = 10,
	square = 11,
	cube = 12,
	reciprocal = 13,
	halfPower = 14,
	minusHalfPower = 15,
	sine = 16,
	cosine = 17,
	power = 18,
}

/** Elements of one item of the elementwise kernels. */
export enum Elementwise {
	block = 4096,
}
