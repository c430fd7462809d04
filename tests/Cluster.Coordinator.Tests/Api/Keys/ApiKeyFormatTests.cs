using Cluster.Coordinator.Api.Keys;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Tests.Api.Keys;

public sealed class ApiKeyFormatTests : IDisposable
{
    private static readonly string s_hash = KeyHash.Of("sk-a").ToString();

    private readonly string _path = Path.GetTempFileName();

    [Fact]
    public void What_is_written_is_read()
    {
        ApiKey[] keys =
        [
            new("ann", KeyHash.Of("sk-a")),
            new("ci.build-2", KeyHash.Of("sk-b")) { RequestsPerMinute = 60, Concurrent = 4, Priority = Priority.Low, ContextLength = 2048, IsAdmin = true },
        ];
        File.WriteAllText(_path, $"# who may\r\n\r\n{ApiKeyFormat.Write(keys[0])}\r\n \t\n  {ApiKeyFormat.Write(keys[1])}");

        var read = ApiKeyFormat.Read(_path);

        Assert.Equal(keys.Select(ApiKeyFormat.Write), read.Select(ApiKeyFormat.Write));
        Assert.Equal(keys[1] with { Hash = read[1].Hash }, read[1]);
        Assert.True(read[0].Hash.IsSame(KeyHash.Of("sk-a")) && !read[0].Hash.IsSame(KeyHash.Of("sk-b")));
    }

    [Theory]
    [InlineData("ann", "'ann' must be followed by sha256: and 64 hexadecimal digits")]
    [InlineData("ann sk-a", "'ann' must be followed by sha256:")]
    [InlineData("ann HASHff", "'ann' must be followed by sha256:")]
    [InlineData("a/b HASH", "a name is up to 64 ASCII letters")]
    [InlineData("ann HASH rpm=0", "rpm= needs a whole number of at least 1")]
    [InlineData("ann HASH context=x", "context= needs a whole number of at least 1")]
    [InlineData("ann HASH priority=urgent", "priority= must be low, normal or high")]
    [InlineData("ann HASH admin=true", "admin= must be yes or no")]
    [InlineData("ann HASH color=red", "'color' is not known")]
    [InlineData("bob HASH", "another line has the same key")]
    [InlineData("first sha256:0000000000000000000000000000000000000000000000000000000000000000", "there is a 'first' already")]
    public void A_wrong_line_is_named_and_its_secrets_are_not(string line, string problem)
    {
        File.WriteAllText(_path, $"first {s_hash}\n{line.Replace("HASH", s_hash, StringComparison.Ordinal)}\n");

        var message = Assert.Throws<ClusterException>(() => ApiKeyFormat.Read(_path)).Message;

        Assert.StartsWith($"{_path}, line 2: {problem}", message, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-a", message, StringComparison.Ordinal);
        Assert.DoesNotContain(s_hash, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_fresh_and_long()
    {
        var keys = Enumerable.Range(0, 50).Select(_ => KeyHash.CreateKey()).ToArray();

        Assert.Equal(50, keys.Distinct().Count());
        Assert.All(keys, key => Assert.Matches("^sk-[A-Za-z0-9_-]{43}$", key));
    }

    public void Dispose() => File.Delete(_path);
}
