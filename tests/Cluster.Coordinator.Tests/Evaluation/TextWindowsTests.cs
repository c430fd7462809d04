using Cluster.Coordinator.Evaluation;
using Cluster.Coordinator.Tests.Fakes;

namespace Cluster.Coordinator.Tests.Evaluation;

public sealed class TextWindowsTests
{
    private const string Text = "Once upon a time there was a little girl who lived near the sea with her old grandfather and a small dog.";

    [Theory]
    [InlineData(4, null)]
    [InlineData(5, 3)]
    [InlineData(8, 100)]
    public void Windows_do_not_overlap_and_begin_anew(int context, int? limit)
    {
        var tokenizer = SampleTokenizer.Instance;
        var tokens = tokenizer.Encode(Text, addSpecial: true, parseSpecial: false);

        var windows = TextWindows.Cut(tokenizer, Text, context, limit);

        Assert.Equal(Math.Min(tokens.Count / context, limit ?? int.MaxValue), windows.Windows.Length);
        for (var i = 0; i < windows.Windows.Length; i++)
        {
            var expected = tokens.GetRange(i * context, context);
            if (tokenizer.AddBosByDefault) expected[0] = tokenizer.BosId!.Value;
            Assert.Equal(expected, windows.Windows[i].ToArray());
        }
    }

    [Theory]
    [InlineData(512, 256, 255)]
    [InlineData(7, 3, 3)]
    [InlineData(4, 2, 1)]
    public void The_second_half_is_scored(int context, int first, int count)
    {
        var windows = new TextWindows(context, []);
        Assert.Equal((first, count), (windows.FirstScored, windows.Length - windows.FirstScored));
    }

    [Fact]
    public void A_text_shorter_than_a_window_is_refused()
    {
        var error = Assert.Throws<ClusterException>(() => TextWindows.Cut(SampleTokenizer.Instance, "Hello", 100, null));
        Assert.Contains("--context 100", error.Message, StringComparison.Ordinal);
    }
}
