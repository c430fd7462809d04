namespace Cluster.IntegrationTests.Running;

/// <summary>Vectors of texts from real processes.</summary>
public sealed class EmbeddingTests
{
    private static readonly string[] s_texts =
    [
        "The little girl went into the garden with her dog.",
        "A small girl and her dog walked into the garden.",
        "Stone is a hard material of which houses and roads are built.",
    ];

    [Fact]
    public async Task Vectors_are_the_same_on_every_split_and_alike_for_texts_that_are()
    {
        using var one = await ServeProcess.StartAsync("--local-workers", "1");
        using var four = await ServeProcess.StartAsync("--local-workers", "4", "--tensor-parallel", "2", "--pipeline", "2", "--threads", "1", "--prefill-chunk", "16");
        var vectors = await one.EmbedAsync(s_texts);

        Assert.Equal(vectors, await four.EmbedAsync(s_texts));
        Assert.All(vectors, vector => Assert.Equal(1, Cosine(vector, vector), 1e-5));
        Assert.True(Cosine(vectors[0], vectors[1]) > Cosine(vectors[0], vectors[2]), "what the texts say does not show");
    }

    private static double Cosine(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
