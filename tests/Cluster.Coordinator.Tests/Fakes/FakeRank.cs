using Cluster.Coordinator.Tests.Evaluation;
using Cluster.Model.Sampling;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Tests.Fakes;

/// <summary>
/// One rank of a fake model. Its cache holds token ids where a real one holds keys and values, and its logits come from what it finds
/// there: a wrong block table, a lost or a shared block changes the text.
/// </summary>
internal sealed class FakeRank(FakeModel model, int firstId, int endId, bool isLastStage = true)
{
    private readonly Dictionary<(int Cache, int Block, int Slot), int> _cache = [];
    private readonly Queue<(ulong StepId, List<float[]> Rows)> _steps = [];
    private readonly List<float[]> _kept = [];
    private (ulong StepId, int[] Tokens) _choices = (0, []);

    public required int BlockTokens { get; init; }

    /// <summary>Steps whose rows of logits can be asked about again.</summary>
    public int KeptSteps { get; init; } = 1;

    /// <summary>What the cache of serving holds in a block's slot; null when nothing was written there.</summary>
    public int? Cached(int block, int slot) => _cache.TryGetValue((0, block, slot), out var token) ? token : null;

    public void Cache(int block, int slot, int token) => _cache[(0, block, slot)] = token;

    public int KeptRows => _kept.Count;

    public StepResult Execute(StepRequest request)
    {
        var result = new StepResult { PlanVersion = request.PlanVersion, StepId = request.StepId, WireBytes = 100 };
        if (request.SummarizeAgain)
        {
            Answer(request, request.LogitsTokens.Select(row => _steps.Single(step => step.StepId == request.StepId).Rows[row]).ToList(), result);
            return result;
        }

        if (request.TimeKernels) result.Kernels.Add(new KernelTime { Name = "fake", Part = KernelPart.Head, Launches = 1, Nanoseconds = 500, Bytes = (ulong)request.TokenIds.Count });
        request = WithForeseenTokens(request);
        var texts = TakeIn(request);
        if (!isLastStage) return result;

        if (firstId == 0)
        {
            foreach (var range in request.PooledTokens.Chunk(2))
            {
                var sum = new double[model.HiddenSize];
                for (var token = range[0]; token < range[0] + range[1]; token++)
                    foreach (var (i, element) in model.Hidden(texts[token]).Index()) sum[i] += element;
                result.PooledSums.AddRange(sum);
            }
        }

        List<float[]> rows = [.. request.LogitsTokens.Select(token => model.Logits(texts[token], request.Cache))];
        _steps.Enqueue((request.StepId, rows));
        if (_steps.Count > KeptSteps) _steps.Dequeue();
        Answer(request, rows, result);
        _choices = (request.StepId, [.. rows.Select((logits, row) => Ordered(request, row, logits, Enumerable.Range(0, model.VocabularySize)).First())]);
        if (request.CompareLogits)
        {
            for (var row = 0; row < rows.Count; row++) Partial.Append(result, PartOf(_kept[row]), PartOf(rows[row]));
        }

        if (request.KeepLogits)
        {
            _kept.Clear();
            _kept.AddRange(rows);
        }

        return result;
    }

    /// <summary>The request that would have been sent had the tokens been known.</summary>
    private StepRequest WithForeseenTokens(StepRequest request)
    {
        if (request.ForeseenTokens.Count == 0) return request;
        Assert.Equal(request.StepId - 1, _choices.StepId);
        var known = request.Clone();
        foreach (var (token, row) in request.ForeseenTokens.Zip(request.ForeseenRows))
        {
            Assert.Equal(-1, known.TokenIds[token]);
            known.TokenIds[token] = _choices.Tokens[row];
        }

        return known;
    }

    private double[] PartOf(float[] logits) => Array.ConvertAll(logits[firstId..endId], logit => (double)logit);

    /// <returns>For each token of the step the text that ends with it, as the cache has it.</returns>
    private List<int[]> TakeIn(StepRequest request)
    {
        foreach (var copy in request.BlockCopies.Chunk(2))
        {
            for (var slot = 0; slot < BlockTokens; slot++)
                if (_cache.TryGetValue((request.Cache, copy[0], slot), out var held)) _cache[(request.Cache, copy[1], slot)] = held;
        }

        var texts = new List<int[]>();
        int token = 0, block = 0;
        for (var i = 0; i < request.SequenceTokenCounts.Count; i++)
        {
            var table = request.BlockTable.Skip(block).Take(request.SequenceBlockCounts[i]).ToArray();
            var start = request.SequenceStartPositions[i];
            for (var position = start; position < start + request.SequenceTokenCounts[i]; position++)
            {
                _cache[(request.Cache, table[position / BlockTokens], position % BlockTokens)] = request.TokenIds[token++];
                texts.Add([.. Enumerable.Range(0, position + 1).Select(p => _cache[(request.Cache, table[p / BlockTokens], p % BlockTokens)])]);
            }

            block += table.Length;
        }

        return texts;
    }

    private void Answer(StepRequest request, List<float[]> rows, StepResult result)
    {
        var firstRequested = 0;
        for (var row = 0; row < rows.Count; row++)
        {
            var logits = rows[row];
            var temperature = request.LogitsTemperatures[row];
            var ids = Enumerable.Range(firstId, endId - firstId).ToArray();
            result.LogSumExps.Add((float)Math.Log(ids.Sum(id => Math.Exp(logits[id] / temperature))));
            result.LogSumExpsPlain.Add((float)Math.Log(ids.Sum(id => Math.Exp(logits[id]))));

            var requested = request.RequestedIds.Skip(firstRequested).Take(request.LogitsRequestedCounts[row]).Where(ids.Contains).ToArray();
            firstRequested += request.LogitsRequestedCounts[row];
            result.RequestedCounts.Add(requested.Length);
            result.RequestedIds.AddRange(requested);
            result.RequestedLogits.AddRange(requested.Select(id => logits[id]));

            var best = Ordered(request, row, logits, ids.Except(requested)).Take(request.LogitsCandidateCounts[row]).ToArray();
            result.CandidateCounts.Add(best.Length);
            result.CandidateIds.AddRange(best);
            result.CandidateLogits.AddRange(best.Select(id => logits[id]));
        }
    }

    /// <summary>Tokens as a row's candidates are ordered.</summary>
    private static IEnumerable<int> Ordered(StepRequest request, int row, float[] logits, IEnumerable<int> ids)
    {
        var (temperature, noise) = (request.LogitsTemperatures[row], request.LogitsNoise[row]);
        var (seed, position) = (request.LogitsSeeds[row], request.LogitsPositions[row]);
        return ids
            .OrderByDescending(id => noise ? GumbelNoise.Score(logits[id], temperature, GumbelNoise.Sample(seed, position, id)) : logits[id])
            .ThenBy(id => id);
    }
}
