using System.Globalization;
using System.Text.RegularExpressions;

namespace Cluster.Coordinator.Tests.Telemetry;

/// <summary>Reads Prometheus' text format 0.0.4, and allows nothing that the format, or good sense, forbids.</summary>
internal static partial class PrometheusParser
{
    public static Dictionary<string, MetricFamily> Parse(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var families = new Dictionary<string, MetricFamily>();
        MetricFamily? family = null;
        string? described = null;
        foreach (var line in text[..^1].Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                var words = line.Split(' ', 4);
                described = words[2];
                Assert.Matches(NamePattern(), described);
                Assert.NotEqual("", words[3]);
            }
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var words = line.Split(' ');
                Assert.Equal((4, described), (words.Length, words[2]));
                Assert.Contains(words[3], new[] { "counter", "gauge", "histogram" });
                Assert.Equal(words[3] == "counter", words[2].EndsWith("_total", StringComparison.Ordinal));
                family = new MetricFamily(words[2], words[3], []);
                families.Add(family.Name, family);
            }
            else
            {
                family!.Samples.Add(Sample(line, family));
            }
        }

        foreach (var each in families.Values) Check(each);
        return families;
    }

    private static (string, Dictionary<string, string>, double) Sample(string line, MetricFamily family)
    {
        var match = SamplePattern().Match(line);
        Assert.True(match.Success, line);
        var name = match.Groups["name"].Value;
        Assert.Contains(name[family.Name.Length..], family.Type == "histogram" ? ["_bucket", "_sum", "_count"] : new[] { "" });
        var labels = LabelPattern().Matches(match.Groups["labels"].Value);
        Assert.Equal(match.Groups["labels"].Value, string.Join(',', labels.Select(label => label.Value)));
        var value = match.Groups["value"].Value;
        return (name, labels.ToDictionary(label => label.Groups["key"].Value, label => label.Groups["value"].Value), Number(value));
    }

    private static double Number(string text) => text == "+Inf" ? double.PositiveInfinity : double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static void Check(MetricFamily family)
    {
        Assert.NotEmpty(family.Samples);
        Assert.Distinct(family.Samples.Select(sample => $"{sample.Name} {string.Join(',', sample.Labels)}"));
        if (family.Type == "counter") Assert.All(family.Samples, sample => Assert.True(sample.Value >= 0));
        if (family.Type != "histogram") return;

        foreach (var series in family.Samples.GroupBy(sample => string.Join(',', sample.Labels.Where(label => label.Key != "le"))))
        {
            var buckets = series.Where(sample => sample.Name.EndsWith("_bucket", StringComparison.Ordinal)).ToList();
            Assert.Equal(buckets.OrderBy(bucket => Number(bucket.Labels["le"])).Select(bucket => bucket.Value).Order(), buckets.Select(bucket => bucket.Value));
            Assert.Equal("+Inf", buckets[^1].Labels["le"]);
            Assert.Equal(buckets[^1].Value, series.Single(sample => sample.Name.EndsWith("_count", StringComparison.Ordinal)).Value);
        }
    }

    [GeneratedRegex("^[a-zA-Z_:][a-zA-Z0-9_:]*$")]
    private static partial Regex NamePattern();

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>.+)\})? (?<value>[+-]?[0-9.eE+-]+|\+Inf)$""")]
    private static partial Regex SamplePattern();

    [GeneratedRegex("""(?<key>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>([^"\\\n]|\\["\\n])*)"(?=,|$)""")]
    private static partial Regex LabelPattern();
}
