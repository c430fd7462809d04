using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Tests.Scheduling;

public sealed class PrefixIndexTests
{
    [Fact]
    public void Tokens_with_the_same_key_are_told_apart()
    {
        var (first, second) = Colliding();
        Assert.NotEqual(first, second);
        Assert.Equal(PrefixIndex.Key(PrefixIndex.RootKey, first), PrefixIndex.Key(PrefixIndex.RootKey, second));
        var index = new PrefixIndex(blockCount: 2, blockTokens: 2);
        Assert.True(index.TryAdd(0, PrefixIndex.Root, first));

        Assert.Equal(0, index.Find(PrefixIndex.Root, first));
        Assert.Null(index.Find(PrefixIndex.Root, second));
        Assert.False(index.TryAdd(1, PrefixIndex.Root, second));
        Assert.False(index.Contains(1));
    }

    [Fact]
    public void Tokens_are_found_after_their_own_prefix_only()
    {
        var index = new PrefixIndex(blockCount: 4, blockTokens: 2);
        Assert.True(index.TryAdd(2, PrefixIndex.Root, [5, 6]));
        Assert.True(index.TryAdd(1, 2, [7, 8]));

        Assert.Equal(1, index.Find(2, [7, 8]));
        Assert.Null(index.Find(PrefixIndex.Root, [7, 8]));
        Assert.Equal([7, 8], index.TokensOf(1));
        index.Remove(1);
        Assert.Null(index.Find(2, [7, 8]));
    }

    /// <summary>Two pairs with one key: first tokens after which the upper halves agree, and second ones that make up for the lower halves.</summary>
    private static (int[] First, int[] Second) Colliding()
    {
        var random = new Random(5);
        var byUpperHalf = new Dictionary<ulong, int>();
        while (true)
        {
            var token = random.Next();
            var key = PrefixIndex.Key(PrefixIndex.RootKey, [token]);
            if (byUpperHalf.TryAdd(key >> 32, token)) continue;

            var other = byUpperHalf[key >> 32];
            if (other != token) return ([token, 0], [other, (int)(uint)(key ^ PrefixIndex.Key(PrefixIndex.RootKey, [other]))]);
        }
    }
}
