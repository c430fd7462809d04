namespace Cluster.Compute.Cpu.Matrices.Isa;

/// <summary>
/// The operations that the panel kernels are written in, for one instruction set. A <typeparamref name="TVector"/> is always sixteen
/// 32-bit lanes, lane r belonging to row r of a panel, whatever registers it takes: one of 512 bits, two of 256, four of 128. A kernel is
/// thus written once; the runtime compiles it for each instruction set.
/// </summary>
/// <remarks>
/// Integer dot products run in two stages. Accumulators of <see cref="MultiplyLevels"/> have a form of their own (int16 pairs where the
/// hardware multiplies bytes into those, int32 elsewhere) that only <see cref="Start"/>, <see cref="SumLevels"/> and
/// <see cref="SumScaledLevels"/> understand. In int16 form each half of a lane must end within int16, which the bounds of level and
/// activation see to; on the way there it may wrap.
/// </remarks>
internal unsafe interface IPanelIsa<TVector>
    where TVector : struct
{
    static abstract TVector Zero { get; }

    /// <summary>The 64 bytes at <paramref name="source"/> + <paramref name="offset"/> bytes, as in all loads.</summary>
    static abstract TVector Load(byte* source, int offset);

    static abstract void Store(byte* destination, int offset, TVector value);

    /// <summary>16 f16 to f32, exact for all finite values; infinities and NaN come out as large finite numbers.</summary>
    static abstract TVector LoadHalf(byte* source, int offset);

    /// <summary>
    /// 16 f16 to f32, times 2^-112, which saves most of the work of <see cref="LoadHalf"/>: the bits have moved, nothing else.
    /// </summary>
    static abstract TVector LoadHalfScaled(byte* source, int offset);

    /// <summary>16 bf16 to f32.</summary>
    static abstract TVector LoadBFloat16(byte* source, int offset);

    /// <summary>16 unsigned bytes to int32.</summary>
    static abstract TVector LoadByte(byte* source, int offset);

    /// <summary>16 signed bytes to int32.</summary>
    static abstract TVector LoadSByte(byte* source, int offset);

    /// <summary>The 32 bits there in every lane.</summary>
    static abstract TVector Broadcast(byte* source, int offset);

    static abstract TVector BroadcastFloat(float value);

    /// <summary>The 16 bytes at <paramref name="source"/> four times over: the table of <see cref="Lookup"/>.</summary>
    static abstract TVector LoadTable(byte* source);

    /// <summary>Each byte and a constant.</summary>
    static abstract TVector AndByte(TVector value, byte mask);

    static abstract TVector Or(TVector left, TVector right);

    /// <summary>Shifts each 32-bit lane by a constant.</summary>
    static abstract TVector ShiftLeft(TVector value, int count);

    /// <summary>Shifts each 32-bit lane by a constant, zeros coming in.</summary>
    static abstract TVector ShiftRight(TVector value, int count);

    /// <summary>int32 sum.</summary>
    static abstract TVector Add(TVector left, TVector right);

    /// <summary>Each byte of <paramref name="indices"/>, 0 to 15, replaced by that byte of <paramref name="table"/>.</summary>
    static abstract TVector Lookup(TVector table, TVector indices);

    /// <summary>An accumulator that begins, in every lane, with the two int16 (for byte pairs 0–1 and 2–3) there.</summary>
    static abstract TVector Start(byte* source, int offset);

    /// <summary>
    /// For each lane the dot product of its four unsigned bytes of <paramref name="levels"/> (each at most 127) with the four signed bytes
    /// at <paramref name="activations"/> + <paramref name="offset"/> (each at least -127).
    /// </summary>
    static abstract TVector MultiplyLevels(TVector levels, byte* activations, int offset);

    /// <summary>Adds what <see cref="MultiplyLevels"/> gives.</summary>
    static abstract TVector MultiplyAddLevels(TVector accumulator, TVector levels, byte* activations, int offset);

    /// <summary>The sum of two accumulators.</summary>
    static abstract TVector AddSums(TVector left, TVector right);

    /// <summary>The int32 sums in an accumulator of <see cref="MultiplyLevels"/>.</summary>
    static abstract TVector SumLevels(TVector accumulator);

    /// <summary>The int32 sums times per-row factors in the form of <see cref="ToLevelScale"/>.</summary>
    static abstract TVector SumScaledLevels(TVector accumulator, TVector levelScale);

    /// <summary>Takes int32 factors within int16 to the form that <see cref="SumScaledLevels"/> multiplies with.</summary>
    static abstract TVector ToLevelScale(TVector factors);

    /// <summary>
    /// Adds to each int32 lane the dot product of its four signed bytes of <paramref name="weights"/> with the four signed bytes at
    /// <paramref name="activations"/> + <paramref name="offset"/> (each at least -127): for weights that are used once.
    /// </summary>
    static abstract TVector MultiplyAddWeights(TVector accumulator, TVector weights, byte* activations, int offset);

    /// <summary>
    /// What <see cref="MultiplyAddSigned"/> takes as magnitudes of signed bytes: unsigned (128 for -128) where the hardware multiplies
    /// unsigned with signed bytes, else the bytes themselves.
    /// </summary>
    static abstract TVector Magnitude(TVector weights);

    /// <summary>What it takes as signs: 255 for bytes below zero, else 0; all 0 where <see cref="Magnitude"/> does nothing.</summary>
    static abstract TVector Signs(TVector weights);

    /// <summary>
    /// Adds to each int32 lane the dot product of its four signed bytes, given as <see cref="Magnitude"/> and <see cref="Signs"/>, with
    /// the four signed bytes at <paramref name="activations"/> + <paramref name="offset"/> (each at least -127), less the magnitudes of
    /// the negative ones: codes are turned by flipping their bits, which makes -x - 1 of x.
    /// </summary>
    static abstract TVector MultiplyAddSigned(TVector accumulator, TVector magnitudes, TVector signs, byte* activations, int offset);

    /// <summary>Adds to each int32 lane what <see cref="MultiplyAddSigned"/> takes off for its four bytes.</summary>
    static abstract TVector AddNegatives(TVector accumulator, TVector magnitudes, TVector signs);

    /// <summary>int32 to f32.</summary>
    static abstract TVector ToFloat(TVector value);

    /// <summary>f32 product.</summary>
    static abstract TVector Multiply(TVector left, TVector right);

    /// <summary>f32 sum.</summary>
    static abstract TVector AddFloat(TVector left, TVector right);

    /// <summary>f32 left · right + addend, fused where the hardware can.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);

    /// <summary>Adds left · right to the 16 f32 at <paramref name="sums"/> + <paramref name="offset"/> bytes.</summary>
    static abstract void MultiplyAddInto(byte* sums, int offset, TVector left, TVector right);

    /// <summary>Asks for a cache line, which need not exist.</summary>
    static abstract void Prefetch(byte* address, int offset);

    /// <summary>The same for what is read once and should not drive other things out of the outer caches.</summary>
    static abstract void PrefetchOnce(byte* address, int offset);
}
