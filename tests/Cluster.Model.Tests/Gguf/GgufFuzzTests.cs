using System.Buffers.Binary;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.Gguf;
using Cluster.Model.Synthesis;

namespace Cluster.Model.Tests.Gguf;

/// <summary>
/// Mutated real files: parsing one, with the model configuration and all metadata, either works or throws
/// <see cref="GgufFormatException"/>, and allocates at most twice what the file holds.
/// </summary>
public class GgufFuzzTests
{
    // An exception costs some KiB with its stack trace, whatever the file's size.
    private const long AllowedBesides = 32 * 1024;

    private const string Valid = "valid";

    private static readonly ulong[] s_liars =
        [0, 1, 2, 7, 31, 255, 256, 65_536, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, 1UL << 40, long.MaxValue, 1UL << 63, ulong.MaxValue];

    [Fact]
    public void Mutated_synthetic_files() => Fuzz(Tiny(), 6_000, seed: 1);

    [Fact]
    public void Mutated_sample_files() => Fuzz(File.ReadAllBytes(RepositoryFiles.SampleModel), 4_000, seed: 2);

    [SharedFact("models/stories260K.gguf")]
    public void Mutated_stories_files() => Fuzz(File.ReadAllBytes(RepositoryFiles.Shared("models/stories260K.gguf")), 5_000, seed: 3);

    private static byte[] Tiny()
    {
        using var stream = new MemoryStream();
        SynthModelWriter.Write(SynthShapes.Tiny, WeightMix.Of(TensorType.Q4_0), stream, 1, null, default);
        return stream.ToArray();
    }

    private static void Fuzz(byte[] file, int count, int seed)
    {
        int headerBytes = (int)GgufBytes.Parse(file).Tensors.Min(tensor => tensor.Offset);
        int tensorBytes = headerBytes - FirstTensorOffset(file);
        byte[] header = file[..headerBytes];
        var random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < count; i++)
        {
            int length = Mutate(file, headerBytes, tensorBytes, random);
            refused += TryParse(file.AsSpan(0, length), $"seed {seed}, mutation {i}") ? 0 : 1;
            header.CopyTo(file, 0);
        }
        // Some mutations hit text or weights and are harmless; both outcomes must really be met.
        Assert.InRange(refused, count / 5, count - 1);
    }

    private static int FirstTensorOffset(byte[] file)
    {
        GgufHeader header = GgufBytes.Parse(file);
        return file.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(header.Tensors[0].Name));
    }

    /// <summary>Changes the header in place and returns the length that the file now has.</summary>
    private static int Mutate(byte[] file, int headerBytes, int tensorBytes, Random random)
    {
        for (int changes = 1 + random.Next(3); changes > 0; changes--)
        {
            // Structure is dense at the beginning and in the tensor descriptions; a vocabulary lies between.
            int at = random.Next(3) switch
            {
                0 => random.Next(Math.Min(headerBytes, 1024)),
                1 => headerBytes - 1 - random.Next(tensorBytes),
                _ => random.Next(headerBytes),
            };
            switch (random.Next(5))
            {
                case 0:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    file[at] = (byte)random.Next(256);
                    break;
                case 2 when at + 8 <= headerBytes:
                    BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at), s_liars[random.Next(s_liars.Length)]);
                    break;
                case 3 when at + 4 <= headerBytes:
                    BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), (uint)s_liars[random.Next(s_liars.Length)]);
                    break;
                default: // repeat a stretch elsewhere: duplicated names, shifted fields
                    int stretch = Math.Min(1 + random.Next(64), headerBytes - at);
                    file.AsSpan(at, stretch).CopyTo(file.AsSpan(random.Next(headerBytes - stretch + 1)));
                    break;
            }
        }
        return random.Next(4) == 0 ? random.Next(random.Next(2) == 0 ? headerBytes : file.Length) : file.Length;
    }

    private static bool TryParse(ReadOnlySpan<byte> file, string which)
    {
        long allowed = 2L * file.Length + AllowedBesides;
        string outcome = Parse(file, out long allocated);
        if (allocated > allowed) // the runtime allocates at the first use of some code: that is not the file's doing
            outcome = Parse(file, out allocated);
        Assert.True(allocated <= allowed, $"{which}: {allocated} bytes allocated for a file of {file.Length}: {outcome}");
        return outcome == Valid;
    }

    private static string Parse(ReadOnlySpan<byte> file, out long allocated)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        string outcome = Valid;
        try
        {
            GgufHeader header = GgufBytes.Parse(file);
            ModelConfigReader.Read(header);
        }
        catch (GgufFormatException error)
        {
            outcome = error.Message;
        }
        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.DoesNotContain('\n', outcome);
        return outcome;
    }
}
