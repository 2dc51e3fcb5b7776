-- For: searching prompts in scripts that put no blanks between words (Chinese, Japanese, Korean): what is asked for is found wherever it stands.
-- Locks: the functions cost an instant; only pictures whose prompts have such signs are looked at anew. Safe while old code runs: it searches by these functions.

-- In a pattern, [[signs]] stands for one ideograph, kana or syllable.
create function replace_signs(prose text, pattern text, replacement text) returns text language sql immutable as $$
	select regexp_replace(prose, replace(pattern, '[[signs]]',
		'[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]'), replacement, 'g')
$$;

-- Every two signs that stand side by side: pairs from the first of each stretch on, and from the second.
create function sign_pairs(prose text) returns text language sql immutable as $$
	select replace_signs(prose, '([[signs]][[signs]])', ' \1 ')
		|| ' ' || replace_signs(regexp_replace(replace_signs(prose, '([[signs]]+)', E'\n\\1\n'), '\n.', ' ', 'g'), '([[signs]][[signs]])', ' \1 ')
$$;

-- Words are what stands between blanks and ASCII punctuation. Where signs are, each is a word, and every pair of them: a longer stretch is found by its pairs.
create or replace function plain_words(prose text) returns text language sql immutable as $$
	select case when replace_signs(plain, '[[signs]]', '') = plain then plain
		else replace_signs(plain, '([[signs]])', ' \1 ') || ' ' || sign_pairs(plain) end
	from regexp_replace(left(prose, 4000), '[!-/:-@[-`{-~]+', ' ', 'g') plain
$$;

-- What has every one of these words, or a longer one that begins so. Of a stretch of signs all pairs are asked for, of a single one itself. Null: none was named.
create or replace function word_query(wanted text) returns tsquery language sql immutable as $$
	with asked as (select regexp_replace(left(wanted, 4000), '[!-/:-@[-`{-~]+', ' ', 'g') as plain),
		parts as (
			-- Words and single signs, without longer stretches; then the pairs of these.
			select word, true as may_go_on from asked, regexp_split_to_table(replace_signs(plain, '[[signs]][[signs]]+', ' '), '\s+') word
			union all
			select pair, false from asked, regexp_split_to_table(sign_pairs(plain), '\s+') pair where replace_signs(pair, '^[[signs]][[signs]]$', '') = '')
	select to_tsquery('simple', string_agg('''' || piece || '''' || case when may_go_on then ':*' else '' end, ' & '))
	from parts, regexp_split_to_table(replace_signs(word, '([[signs]])', case when may_go_on then ' \1 ' else '\1' end), '\s+') piece where piece <> ''
$$;

update image_runs r set words = to_tsvector('simple', plain_words(j.request->>'prompt'))
	from jobs j where j.id = r.job_id and r.made_at is not null and replace_signs(j.request->>'prompt', '[[signs]]', '') <> j.request->>'prompt';
