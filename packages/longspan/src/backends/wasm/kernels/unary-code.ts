/** Functions of one variable that the unary kernels know. Shared by the AssemblyScript module and its TypeScript host. */
export enum UnaryCode {
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
	// Powers: frequent exponents on their own.
	square = 13,
	cube = 14,
	reciprocal = 15,
	squareRoot = 16,
	/** x ^ 0.5: as the square root, but 0 of -0 and Infinity of -Infinity. */
	halfPower = 17,
	/** x ^ -0.5 */
	minusHalfPower = 27,
	power = 18,
	// Derivatives that are none of the functions above.
	tanhSlope = 19,
	sigmoidSlope = 20,
	step = 21,
	geluSlope = 22,
	geluTanhSlope = 23,
	siluSlope = 24,
	/** Of elu and elu + 1. */
	eluSlope = 25,
	identity = 26,
}

/** Elements of one item of the elementwise kernels. */
export enum Elementwise {
	block = 4096,
}
