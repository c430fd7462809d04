using Cluster.Coordinator.Engine;

namespace Cluster.Coordinator.Tests.Engine;

public sealed class StopMatcherTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    public void Agrees_with_a_search_of_the_whole_text_however_it_is_cut(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var text = RandomText(random, 40);
            string[] stops = [RandomText(random, random.Next(1, 5)), RandomText(random, random.Next(1, 5))];
            var first = stops.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(index => index >= 0).DefaultIfEmpty(-1).Min();

            var matcher = new StopMatcher(stops);
            var written = "";
            for (var i = 0; i < text.Length && !matcher.IsMatched;)
            {
                var length = Math.Min(random.Next(1, 6), text.Length - i);
                written += matcher.Append(text.Substring(i, length));
                i += length;
            }

            Assert.Equal(first >= 0, matcher.IsMatched);
            Assert.StartsWith(written, text, StringComparison.Ordinal);
            if (!matcher.IsMatched) Assert.Equal(text, written + matcher.Flush());
            else Assert.True(written.Length >= first && stops.Any(stop => text.AsSpan(written.Length).StartsWith(stop)));
        }
    }

    private static string RandomText(Random random, int length) => string.Concat(Enumerable.Range(0, length).Select(_ => "abc"[random.Next(3)]));
}
