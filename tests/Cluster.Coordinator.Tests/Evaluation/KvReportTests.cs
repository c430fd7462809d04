using System.Xml.Linq;
using Cluster.Coordinator.Evaluation;
using Cluster.Coordinator.Tests.Engine;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Coordinator.Tests.Evaluation;

public sealed class KvReportTests
{
    private static readonly KvCacheFormat s_mixed = new();

    [Fact]
    public void Only_what_is_quantized_comes_rotated_and_not()
    {
        KvCacheFormat[] pairs = [KvReportFormats.Baseline, s_mixed, KvReportFormats.Baseline];

        Assert.Equal<KvCacheFormat[]>([KvReportFormats.Baseline, s_mixed, s_mixed with { Rotation = false }], [.. KvReportFormats.Expand(pairs, [true, false])]);
        Assert.Equal<KvCacheFormat[]>([KvReportFormats.Baseline, s_mixed], [.. KvReportFormats.Expand(pairs, [true])]);
    }

    [Fact]
    public void The_table_has_a_row_for_each_format()
    {
        using var output = new StringWriter();
        KvReportMarkdown.Write(Report(), output);

        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var table = lines.Where(line => line.StartsWith('|')).ToArray();
        Assert.Equal(2 + 3, table.Length);
        Assert.Single(table.Select(line => line.Count(c => c == '|')).Distinct());
        Assert.Contains("| q8_0/iq4_nl | yes | 0.406 | 0.406 |", table[3], StringComparison.Ordinal);
        Assert.Contains("| no |", table[4], StringComparison.Ordinal);
    }

    [Fact]
    public void The_picture_is_valid_and_draws_what_diverges()
    {
        using var stream = new MemoryStream();
        KvReportPicture.Write(Report(), stream);
        stream.Position = 0;
        var svg = XDocument.Load(stream).Root!;

        // Two formats and the legend; the baseline does not diverge.
        Assert.Equal(2 + 2, svg.Elements().Count(element => element.Name.LocalName == "circle"));
        Assert.Equal(2, svg.Elements().Count(element => element.Name.LocalName == "text" && element.Value == "q8_0/iq4_nl"));
        Assert.Contains("<model & co>", svg.Elements().First(element => element.Name.LocalName == "title").Value, StringComparison.Ordinal);
        Assert.DoesNotContain(svg.Descendants(), element => element.Name.LocalName == "script");
        Assert.All(svg.Elements().Where(element => element.Name.LocalName == "circle"), circle =>
        {
            Assert.InRange((double)circle.Attribute("cx")!, 0, 860);
            Assert.InRange((double)circle.Attribute("cy")!, 0, 520);
        });
    }

    [Fact]
    public void A_picture_of_nothing_is_valid_too()
    {
        using var stream = new MemoryStream();
        KvReportPicture.Write(Report() with { Rows = [] }, stream);
        stream.Position = 0;
        Assert.NotNull(XDocument.Load(stream).Root);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(40)]
    [InlineData(1000)] // more than is computed: blocks are copied
    public async Task Decode_is_timed_for_every_cache(int context)
    {
        await using var fixture = new EngineFixture(context: 1024, maxSequences: 1, vocabulary: 20);
        var rates = Array.Empty<double>();
        var progress = (0L, 0L);
        await fixture.Engine.RunBetweenStepsAsync(async parts =>
            rates = await new DecodeMeasurement(parts, 64).RunAsync(new[] { 3, 1, 4, 1, 5 }, context, 2, (done, total) => progress = (done, total), default));

        Assert.Equal(2, rates.Length);
        Assert.All(rates, rate => Assert.InRange(rate, double.Epsilon, double.MaxValue));
        Assert.Equal(progress.Item2, progress.Item1);
        await fixture.AssertNothingLeaksAsync();
    }

    private static KvReport Report() => new("<model & co>", 2048, 12, 2048,
    [
        new(KvReportFormats.Baseline, 1 << 20, 1 << 20, Scores(0), 100),
        new(s_mixed, 0.40625 * (1 << 20), 1 << 20, Scores(0.004), 120),
        new(new KvCacheFormat { KeyType = TensorType.Q8_0, ValueType = TensorType.IQ4_NL, Rotation = false }, 0.40625 * (1 << 20), 1 << 20, Scores(0.0042), 121),
    ]);

    private static CacheScores Scores(double divergence)
    {
        var scores = new CacheScores();
        foreach (var nll in new[] { 4.1, 4.3 })
        {
            scores.Nll.Add(nll);
            scores.NllDifference.Add(divergence);
            scores.Divergence.Add(divergence);
            scores.Agreement.Add(1);
        }

        return scores;
    }
}
