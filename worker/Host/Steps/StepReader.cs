using Cluster.Compute.Steps;
using Cluster.Protos.V1;
using Google.Protobuf.Collections;

namespace Cluster.Worker.Steps;

/// <summary>
/// Checks a received step completely and turns it into a <see cref="StepBatch"/>: what an executor or a kernel is given never indexes
/// outside of a buffer. Allocates for refused steps only.
/// </summary>
internal sealed class StepReader(StepLimits limits)
{
    private int _baselineRows;

    /// <summary>Reads a new step.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public string? Read(StepRequest request, StepBatch batch)
    {
        batch.Clear();
        batch.StepId = request.StepId;
        batch.TimesKernels = request.TimeKernels;
        return ReadTokens(request, batch) ?? ReadSequences(request, batch) ?? ReadCopies(request.BlockCopies, batch)
            ?? ReadRows(request, batch, request.TokenIds.Count, "tokens") ?? ReadPooled(request.PooledTokens, batch) ?? ReadCache(request, batch) ?? ReadBaseline(request, batch);
    }

    /// <summary>Reads a repeated question about the <paramref name="keptRows"/> logits rows that the step of this name left.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public string? ReadAgain(StepRequest request, int keptRows, StepBatch batch)
    {
        batch.Clear();
        batch.StepId = request.StepId;
        if (request.TokenIds.Count + request.ForeseenTokens.Count > 0) return "a repeated question carries tokens";
        if (request.PooledTokens.Count > 0) return "a repeated question wants hidden states";
        if (request.KeepLogits || request.CompareLogits) return "a repeated question keeps or compares logits";
        return ReadRows(request, batch, keptRows, "rows of logits");
    }

    private string? ReadTokens(StepRequest request, StepBatch batch)
    {
        var count = request.TokenIds.Count;
        if (count == 0) return "the step has no tokens";
        if (count > limits.MaxTokens) return $"the step has {count} tokens, the shard was loaded for {limits.MaxTokens}";
        for (var i = 0; i < count; i++)
        {
            var id = request.TokenIds[i];
            if ((uint)id >= (uint)limits.VocabularySize) return $"token {i} is {id}, the vocabulary has {limits.VocabularySize}";
            batch.TokenIds.Add(id);
        }

        return null;
    }

    private string? ReadSequences(StepRequest request, StepBatch batch)
    {
        var counts = request.SequenceTokenCounts;
        var starts = request.SequenceStartPositions;
        var blocks = request.SequenceBlockCounts;
        if (starts.Count != counts.Count || blocks.Count != counts.Count)
            return $"the step has {counts.Count} token counts, {starts.Count} start positions and {blocks.Count} block counts";

        long token = 0;
        long block = 0;
        for (var i = 0; i < counts.Count; i++)
        {
            if (counts[i] < 1 || token + counts[i] > request.TokenIds.Count)
                return $"sequence {i} has {counts[i]} tokens from token {token} of {request.TokenIds.Count}";
            if (blocks[i] < 0 || block + blocks[i] > request.BlockTable.Count)
                return $"sequence {i} has {blocks[i]} blocks from block {block} of {request.BlockTable.Count}";
            var end = (long)starts[i] + counts[i];
            if (starts[i] < 0 || end > (long)blocks[i] * limits.BlockTokens)
                return $"sequence {i} takes positions {starts[i]} to {end - 1}, its {blocks[i]} blocks hold {limits.BlockTokens} each";

            batch.Sequences.Add(new SequenceSpan((int)token, counts[i], starts[i], (int)block, blocks[i]));
            for (var position = starts[i]; position < end; position++) batch.Positions.Add(position);
            token += counts[i];
            block += blocks[i];
        }

        if (token != request.TokenIds.Count) return $"the sequences have {token} tokens, the step has {request.TokenIds.Count}";
        if (block != request.BlockTable.Count) return $"the sequences have {block} blocks, the table has {request.BlockTable.Count}";
        return ReadBlocks(request.BlockTable, batch);
    }

    private string? ReadBlocks(RepeatedField<int> table, StepBatch batch)
    {
        for (var i = 0; i < table.Count; i++)
        {
            if ((uint)table[i] >= (uint)limits.BlockCount) return $"entry {i} of the block table is {table[i]}, the cache has {limits.BlockCount} blocks";
            batch.BlockTable.Add(table[i]);
        }

        return null;
    }

    private string? ReadCopies(RepeatedField<int> pairs, StepBatch batch)
    {
        if (pairs.Count % 2 != 0) return $"the step copies blocks by {pairs.Count} indices: they come in pairs";
        for (var i = 0; i < pairs.Count; i += 2)
        {
            var (source, target) = (pairs[i], pairs[i + 1]);
            if ((uint)source >= (uint)limits.BlockCount || (uint)target >= (uint)limits.BlockCount || source == target)
                return $"block {source} is to be copied to block {target}, the cache has {limits.BlockCount} blocks";
            batch.BlockCopies.Add(new BlockCopy(source, target));
        }

        return null;
    }

    private string? ReadRows(StepRequest request, StepBatch batch, int sources, string sourceName)
    {
        var tokens = request.LogitsTokens;
        if (request.LogitsCandidateCounts.Count != tokens.Count || request.LogitsTemperatures.Count != tokens.Count
            || request.LogitsNoise.Count != tokens.Count || request.LogitsSeeds.Count != tokens.Count
            || request.LogitsPositions.Count != tokens.Count || request.LogitsRequestedCounts.Count != tokens.Count)
            return "the fields of the logits rows differ in length";
        if (tokens.Count > limits.MaxTokens) return $"the step asks for {tokens.Count} rows of logits, the shard was loaded for {limits.MaxTokens}";

        long requested = 0;
        for (var i = 0; i < tokens.Count; i++)
        {
            if ((uint)tokens[i] >= (uint)sources) return $"logits row {i} is of {tokens[i]}, there are {sources} {sourceName}";
            if ((uint)request.LogitsCandidateCounts[i] > (uint)limits.VocabularySize)
                return $"logits row {i} asks for {request.LogitsCandidateCounts[i]} candidates, the vocabulary has {limits.VocabularySize}";
            if (!(request.LogitsTemperatures[i] > 0) || !float.IsFinite(request.LogitsTemperatures[i]))
                return $"logits row {i} has temperature {request.LogitsTemperatures[i]}";
            var count = request.LogitsRequestedCounts[i];
            if (count < 0 || requested + count > request.RequestedIds.Count)
                return $"logits row {i} requests {count} ids from id {requested} of {request.RequestedIds.Count}";
            if (ReadRequested(request.RequestedIds, (int)requested, count, batch) is { } error) return error;

            batch.LogitsRows.Add(new LogitsRow(
                tokens[i], request.LogitsCandidateCounts[i], request.LogitsTemperatures[i],
                request.LogitsNoise[i] ? request.LogitsSeeds[i] : null, request.LogitsPositions[i], (int)requested, count));
            requested += count;
        }

        return requested == request.RequestedIds.Count ? null : $"the rows request {requested} ids, the step has {request.RequestedIds.Count}";
    }

    private static string? ReadPooled(RepeatedField<int> pairs, StepBatch batch)
    {
        if (pairs.Count % 2 != 0) return $"the step names pooled tokens by {pairs.Count} numbers: they come in pairs";
        long end = 0;
        for (var i = 0; i < pairs.Count; i += 2)
        {
            var (first, count) = (pairs[i], pairs[i + 1]);
            if (first < end || count < 1 || (long)first + count > batch.TokenCount)
                return $"{count} tokens from {first} are to be pooled, after {end} of {batch.TokenCount}";
            batch.PooledRanges.Add(new PooledRange(first, count));
            end = first + count;
        }

        return null;
    }

    private string? ReadCache(StepRequest request, StepBatch batch)
    {
        if ((uint)request.Cache >= (uint)limits.CacheCount) return $"the step uses cache {request.Cache}, the shard has {limits.CacheCount}";
        batch.Cache = request.Cache;
        return null;
    }

    /// <summary>Last: what is kept is that of a step that will run.</summary>
    private string? ReadBaseline(StepRequest request, StepBatch batch)
    {
        var rows = request.LogitsTokens.Count;
        switch (request.KeepLogits, request.CompareLogits)
        {
            case (true, true):
                return "the step both keeps and compares its logits";
            case (true, false):
                _baselineRows = rows;
                batch.Baseline = BaselineUse.Keep;
                return null;
            case (false, true) when rows != _baselineRows:
                return $"the step compares {rows} rows of logits, {_baselineRows} are kept";
            case (false, true):
                batch.Baseline = BaselineUse.Compare;
                return null;
            default:
                return null;
        }
    }

    private string? ReadRequested(RepeatedField<int> ids, int first, int count, StepBatch batch)
    {
        for (var i = first; i < first + count; i++)
        {
            if ((uint)ids[i] >= (uint)limits.VocabularySize) return $"requested id {ids[i]} is not in the vocabulary of {limits.VocabularySize}";
            if (i > first && ids[i] <= ids[i - 1]) return $"requested id {ids[i]} follows {ids[i - 1]}: ids must rise";
            batch.RequestedIds.Add(ids[i]);
        }

        return null;
    }
}
