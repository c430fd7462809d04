namespace Cluster.Compute.Cpu.Matrices.Isa;

/// <summary>
/// The operations that the panel kernels are written in, for one instruction set. A <typeparamref name="TVector"/> is always sixteen
/// 32-bit lanes, lane r belonging to row r of a panel, whatever registers it takes: one of 512 bits, two of 256, four of 128. A kernel is
/// thus written once; the runtime compiles it for each instruction set.
/// </summary>
/// <remarks>
/// Integer dot products run in two stages. Accumulators of <see cref="MultiplyAddLevels"/> have a form of their own (int16 pairs where the
/// hardware multiplies bytes into those, int32 elsewhere) that only <see cref="Start"/>, <see cref="SumLevels"/> and
/// <see cref="SumScaledLevels"/> understand. In int16 form each half of a lane must end within int16, which the bounds of level and
/// activation see to; on the way there it may wrap.
/// </remarks>
internal unsafe interface IPanelIsa<TVector>
    where TVector : struct
{
    static abstract TVector Zero { get; }

    /// <summary>The 64 bytes at <paramref name="source"/>.</summary>
    static abstract TVector Load(void* source);

    static abstract void Store(void* destination, TVector value);

    /// <summary>16 f16 to f32, exact for all finite values; infinities and NaN come out as large finite numbers.</summary>
    static abstract TVector LoadHalf(void* source);

    /// <summary>16 bf16 to f32.</summary>
    static abstract TVector LoadBFloat16(void* source);

    /// <summary>16 unsigned bytes to int32.</summary>
    static abstract TVector LoadByte(void* source);

    /// <summary>16 signed bytes to int32.</summary>
    static abstract TVector LoadSByte(void* source);

    /// <summary>The 32 bits at <paramref name="source"/> in every lane.</summary>
    static abstract TVector Broadcast(void* source);

    static abstract TVector BroadcastFloat(float value);

    /// <summary><paramref name="value"/> in each of the 64 bytes.</summary>
    static abstract TVector BroadcastByte(byte value);

    /// <summary>The 16 bytes at <paramref name="source"/> four times over: the table of <see cref="Lookup"/>.</summary>
    static abstract TVector LoadTable(byte* source);

    static abstract TVector And(TVector left, TVector right);

    static abstract TVector Or(TVector left, TVector right);

    /// <summary>Shifts each 32-bit lane by a constant.</summary>
    static abstract TVector ShiftLeft(TVector value, int count);

    /// <summary>Shifts each 32-bit lane by a constant, zeros coming in.</summary>
    static abstract TVector ShiftRight(TVector value, int count);

    /// <summary>int32 sum.</summary>
    static abstract TVector Add(TVector left, TVector right);

    /// <summary>Each byte of <paramref name="indices"/>, 0 to 15, replaced by that byte of <paramref name="table"/>.</summary>
    static abstract TVector Lookup(TVector table, TVector indices);

    /// <summary>
    /// An accumulator that begins, in every lane, with the sums of the two int16 (for byte pairs 0–1 and 2–3) at <paramref name="first"/>
    /// and at <paramref name="second"/>.
    /// </summary>
    static abstract TVector Start(void* first, void* second);

    /// <summary>
    /// Adds to each lane the dot product of its four unsigned bytes of <paramref name="levels"/> (each at most 127) with the four signed
    /// bytes at <paramref name="activations"/> (each at least -127).
    /// </summary>
    static abstract TVector MultiplyAddLevels(TVector accumulator, TVector levels, void* activations);

    /// <summary>The int32 sums in an accumulator of <see cref="MultiplyAddLevels"/>.</summary>
    static abstract TVector SumLevels(TVector accumulator);

    /// <summary>The int32 sums times per-row factors in the form of <see cref="ToLevelScale"/>.</summary>
    static abstract TVector SumScaledLevels(TVector accumulator, TVector levelScale);

    /// <summary>Takes int32 factors within int16 to the form that <see cref="SumScaledLevels"/> multiplies with.</summary>
    static abstract TVector ToLevelScale(TVector factors);

    /// <summary>The unsigned magnitude of each signed byte, 128 for -128.</summary>
    static abstract TVector Magnitude(TVector weights);

    /// <summary>
    /// Adds to each int32 lane the dot product of its four signed bytes of <paramref name="weights"/>, whose
    /// <see cref="Magnitude"/> is given along, with the four signed bytes at <paramref name="activations"/> (each at least -127).
    /// </summary>
    static abstract TVector MultiplyAddSigned(TVector accumulator, TVector weights, TVector magnitudes, void* activations);

    /// <summary>int32 to f32.</summary>
    static abstract TVector ToFloat(TVector value);

    /// <summary>f32 product.</summary>
    static abstract TVector Multiply(TVector left, TVector right);

    /// <summary>f32 sum.</summary>
    static abstract TVector AddFloat(TVector left, TVector right);

    /// <summary>f32 left · right + addend, fused where the hardware can.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);

    /// <summary>Asks for the cache line at <paramref name="address"/>, which need not exist.</summary>
    static abstract void Prefetch(void* address);
}
