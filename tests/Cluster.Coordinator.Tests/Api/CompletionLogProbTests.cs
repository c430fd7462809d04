using Cluster.Coordinator.Tests.Fakes;

namespace Cluster.Coordinator.Tests.Api;

public sealed class CompletionLogProbTests
{
    [Fact]
    public async Task Tokens_offsets_and_log_probabilities_belong_together()
    {
        await using var api = await ApiFixture.StartAsync();
        int[] prompt = [5, 600, 7];

        var (_, body) = await api.PostAsync("""{"prompt":[5,600,7],"max_tokens":7,"temperature":0,"ignore_eos":true,"logprobs":2}""");

        var expected = api.Engine.Model.GreedyContinuation(prompt, 7);
        var logProbs = body.GetProperty("choices")[0].GetProperty("logprobs");
        List<int> text = [.. prompt];
        var offset = 0;
        for (var i = 0; i < expected.Count; i++)
        {
            var name = SampleTokenizer.Instance.TokenText(expected[i]);
            Assert.Equal(name, logProbs.GetProperty("tokens")[i].GetString());
            Assert.Equal(api.Engine.Model.LogProb(text.ToArray(), expected[i]), logProbs.GetProperty("token_logprobs")[i].GetDouble(), 1e-3);
            Assert.Equal(logProbs.GetProperty("token_logprobs")[i].GetDouble(), logProbs.GetProperty("top_logprobs")[i].GetProperty(name).GetDouble());
            Assert.InRange(logProbs.GetProperty("top_logprobs")[i].EnumerateObject().Count(), 1, 2);
            Assert.Equal(offset, logProbs.GetProperty("text_offset")[i].GetInt32());
            offset += name.Length;
            text.Add(expected[i]);
        }
    }

    [Fact]
    public async Task Several_prompts_are_several_choices()
    {
        await using var api = await ApiFixture.StartAsync();

        var (_, both) = await api.PostAsync("""{"prompt":[[5,600,7],[8,9]],"max_tokens":6,"temperature":0,"ignore_eos":true,"n":2}""");
        var (_, second) = await api.PostAsync("""{"prompt":[8,9],"max_tokens":6,"temperature":0,"ignore_eos":true}""");

        var texts = both.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("text").GetString()).ToArray();
        Assert.Equal(4, texts.Length);
        Assert.Equal((texts[0], texts[2]), (texts[1], texts[3]));
        Assert.Equal(second.GetProperty("choices")[0].GetProperty("text").GetString(), texts[2]);
        Assert.Equal((5, 24), (both.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), both.GetProperty("usage").GetProperty("completion_tokens").GetInt32()));
    }
}
