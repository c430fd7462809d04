using System.Buffers.Binary;
using System.Security.Cryptography;
using Cluster.Model.KvCache.Files;
using Cluster.Model.Tests.Gguf;

namespace Cluster.Model.Tests.KvCache.Files;

/// <summary>
/// Mutated files, also such whose header's checksum was made to fit: reading one throws <see cref="KvCacheFileException"/> and nothing else, and
/// allocates no more than the file's length justifies.
/// </summary>
public sealed class KvCacheFileFuzzTests
{
    // Hash objects, a handle, and an exception with its stack trace.
    private const long AllowedBesides = 64 * 1024;

    private const int Count = 700;

    private const int Tokens = 9;

    private static readonly int[] s_liars = [0, 1, 2, 3, 8, 20, 30, 31, 255, 256, 4096, 65_535, 65_536, 65_537, 1 << 24, 1 << 28, int.MaxValue, int.MinValue, -1];

    [Fact]
    public void Mutated_files_are_refused()
    {
        using var directory = new TemporaryDirectory();
        var random = new Random(5);
        var path = directory.File("fuzz.kv");
        SavedCaches.Save(path, SavedCaches.Header(random, tokens: Tokens), random);
        var good = File.ReadAllBytes(path);
        for (var i = 0; i < Count; i++)
        {
            var bytes = Mutate(good, random);
            if (bytes.AsSpan().SequenceEqual(good)) continue;

            File.WriteAllBytes(path, bytes);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var error = Record.Exception(() => Read(path));
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(error is KvCacheFileException, $"mutation {i}: {error}");
            Assert.DoesNotContain('\n', error.Message);
            Assert.True(i == 0 || allocated <= 3L * bytes.Length + AllowedBesides, $"mutation {i}: {allocated} bytes for a file of {bytes.Length}: {error.Message}");
        }
    }

    private static void Read(string path)
    {
        using var reader = KvCacheFileReader.Open(path);
        reader.Verify(default);
    }

    private static byte[] Mutate(byte[] good, Random random)
    {
        const int HeaderBytes = 88 + 4 * Tokens;
        var bytes = (byte[])good.Clone();
        for (var changes = 1 + random.Next(3); changes > 0; changes--)
        {
            var at = random.Next(2) == 0 ? 4 * random.Next(HeaderBytes / 4) : random.Next(bytes.Length - 4);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), s_liars[random.Next(s_liars.Length)]);
                    break;
                case 2:
                    random.NextBytes(bytes.AsSpan(at, Math.Min(32, bytes.Length - at)));
                    break;
                default:
                    var stretch = Math.Min(1 + random.Next(700), bytes.Length - at);
                    bytes.AsSpan(at, stretch).CopyTo(bytes.AsSpan(random.Next(bytes.Length - stretch + 1)));
                    break;
            }
        }

        // Past the first hurdle: the header's own checksum.
        if (random.Next(2) == 0) SHA256.HashData(bytes.AsSpan(0, HeaderBytes), bytes.AsSpan(HeaderBytes));
        return random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }
}
