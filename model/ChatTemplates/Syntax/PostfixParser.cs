using System.Globalization;
using Cluster.Model.ChatTemplates.Expressions;
using Cluster.Model.ChatTemplates.Library;

namespace Cluster.Model.ChatTemplates.Syntax;

/// <summary>What can follow a value: attributes, items, calls, filters and tests.</summary>
internal sealed class PostfixParser(TokenCursor cursor)
{
    public Expression ParseAccesses(Expression subject, ExpressionParser expressions)
    {
        while (true)
        {
            if (cursor.TryTakeOperator(".")) subject = ParseAttribute(subject);
            else if (cursor.TryTakeOperator("[")) subject = ParseItem(subject, expressions);
            else if (cursor.Current.IsOperator("(")) subject = new CallExpression(subject, ParseArguments(expressions));
            else return subject;
        }
    }

    public Expression ParseFilters(Expression subject, ExpressionParser expressions)
    {
        while (true)
        {
            if (cursor.TryTakeOperator("|"))
            {
                var (filter, arguments) = ParseFilter(expressions);
                subject = new FilterExpression(subject, filter, arguments);
            }
            else if (cursor.TryTakeName("is"))
            {
                subject = ParseTest(subject, expressions);
            }
            else if (cursor.Current.IsOperator("("))
            {
                subject = new CallExpression(subject, ParseArguments(expressions));
            }
            else
            {
                return subject;
            }
        }
    }

    public (Operation Filter, ArgumentList Arguments) ParseFilter(ExpressionParser expressions)
    {
        var token = cursor.Expect(TokenKind.Name, "the name of a filter");
        return (Filters.Get(token.Text), cursor.Current.IsOperator("(") ? ParseArguments(expressions) : ArgumentList.None);
    }

    private Expression ParseTest(Expression subject, ExpressionParser expressions)
    {
        var isNegated = cursor.TryTakeName("not");
        var test = Tests.Get(cursor.Expect(TokenKind.Name, "the name of a test").Text);
        var arguments = cursor.Current.IsOperator("(") ? ParseArguments(expressions)
            : BeginsArgument() ? new ArgumentList { Positional = [ParseAccesses(expressions.ParsePrimary(), expressions)] }
            : ArgumentList.None;
        var result = new TestExpression(subject, test, arguments);
        return isNegated ? new NotExpression(result) : result;
    }

    private bool BeginsArgument() => cursor.Current switch
    {
        { Kind: TokenKind.Name, Text: "is" } => throw cursor.Unexpected("something else after a test"),
        { Kind: TokenKind.Name, Text: "else" or "or" or "and" } => false,
        { Kind: TokenKind.Name or TokenKind.String or TokenKind.Integer or TokenKind.Float } => true,
        var token => token.IsOperator("[") || token.IsOperator("{"),
    };

    private Expression ParseAttribute(Expression subject)
    {
        if (cursor.Current.Kind == TokenKind.Integer)
            return new ItemExpression(subject, new ConstantExpression(long.Parse(cursor.Take().Text, CultureInfo.InvariantCulture)));
        return new AttributeExpression(subject, cursor.ExpectName());
    }

    private Expression ParseItem(Expression subject, ExpressionParser expressions)
    {
        var start = cursor.Current.IsOperator(":") ? null : expressions.ParseTuple();
        if (cursor.TryTakeOperator("]")) return new ItemExpression(subject, start!);

        cursor.ExpectOperator(":");
        var end = cursor.Current.IsOperator(":") || cursor.Current.IsOperator("]") ? null : expressions.Parse();
        var step = cursor.TryTakeOperator(":") && !cursor.Current.IsOperator("]") ? expressions.Parse() : null;
        cursor.ExpectOperator("]");
        return new SliceExpression(subject, start, end, step);
    }

    private ArgumentList ParseArguments(ExpressionParser expressions)
    {
        cursor.ExpectOperator("(");
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        Expression? spread = null, namedSpread = null;
        var isFirst = true;
        while (!cursor.TryTakeOperator(")"))
        {
            if (!isFirst)
            {
                cursor.ExpectOperator(",");
                if (cursor.TryTakeOperator(")")) break;
            }

            isFirst = false;
            if (cursor.TryTakeOperator("**"))
            {
                namedSpread = expressions.Parse();
            }
            else if (cursor.TryTakeOperator("*"))
            {
                spread = expressions.Parse();
            }
            else if (cursor.Current.Kind == TokenKind.Name && cursor.Following.IsOperator("="))
            {
                var name = cursor.Take().Text;
                cursor.Take();
                named.Add((name, expressions.Parse()));
            }
            else if (named.Count > 0 || spread is not null || namedSpread is not null)
            {
                throw cursor.Unexpected("a named argument");
            }
            else
            {
                positional.Add(expressions.Parse());
            }
        }

        return new ArgumentList { Positional = positional, Named = named, Spread = spread, NamedSpread = namedSpread };
    }
}
